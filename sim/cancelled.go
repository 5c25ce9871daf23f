package sim

// cancelled says of each event, by its number, whether it was cancelled. It knows that until the time has
// come for which the event was scheduled, in or out of the queue: as long as that lies ahead, somebody may
// cancel it once more, and is to be told that it is gone. That is a bit for each.
//
// So whoever cancels nothing pays nothing. (A bit for each event that is to happen, cleared when it does, is one
// more place in memory for each event: with a million of them that took a quarter of the time.)
type cancelled struct {
	pages []*page // of pageLen numbers each, from the first one on; nil: none of its events was cancelled
	first uint64  // page
	free  *page
	used  int
	limit int // look for pages that are over before there are more
}

const (
	pageLen    = 4096
	firstPages = 8
	wordLen    = 64
)

type page struct {
	until int64 // the latest time of its events
	next  *page // if it is free
	bits  [pageLen / wordLen]uint64
}

// has reports whether the event of a number was cancelled.
func (c *cancelled) has(number uint64) bool {
	at := number/pageLen - c.first
	if at >= uint64(len(c.pages)) || c.pages[at] == nil {
		return false
	}
	return c.pages[at].bits[number/wordLen%(pageLen/wordLen)]>>(number%wordLen)&1 != 0
}

// add notes that the event of a number was cancelled, which was to happen at a time.
func (c *cancelled) add(number uint64, time, now int64) {
	p := c.page(number/pageLen, now)
	p.until = max(p.until, time)
	p.bits[number/wordLen%(pageLen/wordLen)] |= 1 << (number % wordLen)
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

// forget frees the pages whose times have passed.
func (c *cancelled) forget(now int64) {
	kept := 0 // pages from here on are
	for i := len(c.pages) - 1; i >= 0; i-- {
		p := c.pages[i]
		if p == nil {
			continue
		}
		if p.until < now {
			c.pages[i], p.next = nil, c.free
			c.free = p
			c.used--
		} else {
			kept = i
		}
	}
	if c.used == 0 {
		kept = len(c.pages)
	}
	c.first += uint64(kept)
	c.pages = c.pages[:copy(c.pages, c.pages[kept:])]
	c.limit = max(firstPages, 2*c.used)
}
