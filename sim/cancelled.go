package sim

// cancelled says of each event, by its number, whether it was cancelled. That is known until the time has
// come for which it was scheduled, in or out of the queue: as long as that lies ahead, somebody may cancel it
// once more, and is to be told that it is gone.
//
// So whoever cancels nothing pays nothing. (A bit for each event that is to happen, cleared when it does, is one
// more place in memory for each event: with a million of them that took a quarter of the time.)
type cancelled struct {
	pages []*page // nil: none of its events was cancelled, or all that were are over
	first uint64  // which page pages[0] is
	free  *page   // a list
	used  int     // pages that are not nil
	limit int     // so many before those that are over are looked for
}

// page has a bit for each of pageLen events whose numbers follow each other. It stays until the
// time of the last one that was cancelled.
type page struct {
	until int64 // that time
	next  *page // if it is free
	bits  [pageLen / wordLen]uint64
}

const (
	pageLen  = 1024
	wordLen  = 64
	fewPages = 8  // may be over and stay
	perPage  = 64 // places of the table that are looked at for a page that has come
)

// bit returns where the bit of a number is in its page.
func bit(number uint64) (word int, mask uint64) {
	return int(number / wordLen % (pageLen / wordLen)), 1 << (number % wordLen)
}

// has reports whether the event of a number was cancelled.
func (c *cancelled) has(number uint64) bool {
	i := number/pageLen - c.first
	if i >= uint64(len(c.pages)) || c.pages[i] == nil {
		return false
	}
	word, mask := bit(number)
	return c.pages[i].bits[word]&mask != 0
}

// add notes that the event of a number was cancelled, which was to happen at a time.
func (c *cancelled) add(number uint64, time, now int64) {
	p := c.page(number/pageLen, now)
	p.until = max(p.until, time)
	word, mask := bit(number)
	p.bits[word] |= mask
}

// page returns a page, which may have to be made.
func (c *cancelled) page(at uint64, now int64) *page {
	if i := at - c.first; i < uint64(len(c.pages)) && c.pages[i] != nil {
		return c.pages[i]
	}
	if c.used >= c.limit {
		c.forget(now)
	}
	switch {
	case len(c.pages) == 0:
		c.first = at
	case at < c.first:
		c.pages = append(make([]*page, c.first-at), c.pages...)
		c.first = at
	}
	for uint64(len(c.pages)) <= at-c.first {
		c.pages = append(c.pages, nil)
	}
	p := c.free
	if p == nil {
		p = new(page)
	} else {
		c.free = p.next
		*p = page{}
	}
	c.used++
	c.pages[at-c.first] = p
	return p
}

// forget frees the pages whose time has passed. The longer it takes, the more there may be before the next time.
func (c *cancelled) forget(now int64) {
	gone := len(c.pages) // so many at the beginning
	for i := len(c.pages) - 1; i >= 0; i-- {
		p := c.pages[i]
		switch {
		case p == nil:
		case p.until < now:
			c.pages[i], p.next = nil, c.free
			c.free = p
			c.used--
		default:
			gone = i
		}
	}
	c.first += uint64(gone)
	c.pages = c.pages[:copy(c.pages, c.pages[gone:])]
	c.limit = c.used + max(fewPages, c.used, len(c.pages)/perPage)
}
