package tracefile

// The numbers of the fields that are written, as in protos/perfetto/trace of
// https://github.com/google/perfetto (v50).
const (
	tracePacket = 1 // Trace.packet

	packetTimestamp  = 8  // of TracePacket, not of TrackEvent
	packetSequence   = 10 // trusted_packet_sequence_id; packets without are dropped
	packetEvent      = 11
	packetInterned   = 12
	packetFlags      = 13
	packetDescriptor = 60

	descriptorUUID     = 1
	descriptorName     = 2
	descriptorParent   = 5
	descriptorCounter  = 8
	descriptorChildren = 11 // child_ordering
	descriptorRank     = 12 // sibling_order_rank

	counterUnit     = 3
	counterUnitName = 6

	eventCategories  = 3 // category_iids
	eventAnnotation  = 4
	eventType        = 9
	eventName        = 10 // name_iid
	eventTrack       = 11
	eventCounter     = 30
	eventFlows       = 47 // fixed64
	eventFlowsEnding = 48 // fixed64

	annotationInt  = 4
	annotationText = 6
	annotationName = 10 // 1 is the number of an interned name

	internedCategories = 1
	internedNames      = 2
	internedIID        = 1
	internedText       = 2
)

// The values of enums that are written.
const (
	sliceBegin   = 1
	sliceEnd     = 2
	typeInstant  = 3
	typeCounter  = 4
	explicit     = 3 // child_ordering: by sibling_order_rank
	unitCount    = 2
	flagsCleared = 1 // SEQ_INCREMENTAL_STATE_CLEARED
	flagsNeeds   = 2 // SEQ_NEEDS_INCREMENTAL_STATE
)

// sequence is the number of the one sequence of packets in a file.
const sequence = 1

// perfetto writes Perfetto's format: a Trace message, whose packets come one after
// the other. Names are written once and then by number.
type perfetto struct {
	begun      bool
	names      map[string]int64
	categories map[string]int64

	event, body, part []byte // reused
}

func newPerfetto() *perfetto {
	return &perfetto{names: map[string]int64{}, categories: map[string]int64{}}
}

func (p *perfetto) head(b []byte) []byte { return b }
func (p *perfetto) tail() []byte         { return nil }

// packet appends a packet with the fields of body. The first says that nothing that
// came before counts.
func (p *perfetto) packet(b, body []byte) []byte {
	flags := int64(flagsNeeds)
	if !p.begun {
		p.begun = true
		flags |= flagsCleared
	}
	body = appendInt(body, packetSequence, sequence)
	body = appendInt(body, packetFlags, flags)
	p.body = body
	return appendBytes(b, tracePacket, body)
}

func (p *perfetto) track(b []byte, t *track) []byte {
	d := appendInt(p.event[:0], descriptorUUID, int64(t.id))
	d = appendText(d, descriptorName, t.name)
	if t.parent != nil {
		d = appendInt(d, descriptorParent, int64(t.parent.id))
	}
	switch t.kind {
	case counter:
		p.part = appendInt(p.part[:0], counterUnit, unitCount)
		p.part = appendText(p.part, counterUnitName, "threads")
		d = appendBytes(d, descriptorCounter, p.part)
	case group:
		d = appendInt(d, descriptorChildren, explicit)
	}
	d = appendInt(d, descriptorRank, int64(t.rank))
	p.event = d
	return p.packet(b, appendBytes(p.body[:0], packetDescriptor, d))
}

func (p *perfetto) slice(b []byte, t *track, s *slice) []byte {
	body := p.open(s.start)
	e := p.kind(sliceBegin, t)
	body, e = p.intern(body, e, s.name, s.category)
	e = p.annotate(e, s.args)
	for _, id := range s.begins {
		e = appendFixed(e, eventFlows, id)
	}
	for _, id := range s.ends {
		e = appendFixed(e, eventFlowsEnding, id)
	}
	b = p.close(b, body, e)
	body = p.open(s.end)
	return p.close(b, body, p.kind(sliceEnd, t))
}

func (p *perfetto) instant(b []byte, t *track, i *instant) []byte {
	body := p.open(i.at)
	e := p.kind(typeInstant, t)
	body, e = p.intern(body, e, i.name, i.category)
	return p.close(b, body, p.annotate(e, i.args))
}

func (p *perfetto) count(b []byte, t *track, at int64, n int) []byte {
	body := p.open(at)
	return p.close(b, body, appendInt(p.kind(typeCounter, t), eventCounter, int64(n)))
}

// open begins the body of a packet with its time.
func (p *perfetto) open(at int64) []byte { return appendInt(p.body[:0], packetTimestamp, at) }

// close ends a packet with its event.
func (p *perfetto) close(b, body, event []byte) []byte {
	p.event = event
	return p.packet(b, appendBytes(body, packetEvent, event))
}

// kind begins an event of a track.
func (p *perfetto) kind(kind int64, t *track) []byte {
	e := appendInt(p.event[:0], eventType, kind)
	return appendInt(e, eventTrack, int64(t.id))
}

// intern appends name and category to an event by number, and to its packet those
// that are new.
func (p *perfetto) intern(body, event []byte, name, category string) (newBody, newEvent []byte) {
	p.part = p.part[:0]
	n := p.number(p.names, internedNames, name)
	c := p.number(p.categories, internedCategories, category)
	if len(p.part) > 0 {
		body = appendBytes(body, packetInterned, p.part)
	}
	return body, appendInt(appendInt(event, eventCategories, c), eventName, n)
}

// number returns the number of a text, which it adds to p.part if it is new.
func (p *perfetto) number(known map[string]int64, field uint64, text string) int64 {
	if n, old := known[text]; old {
		return n
	}
	n := int64(len(known)) + 1
	known[text] = n
	entry := appendText(appendInt(nil, internedIID, n), internedText, text)
	p.part = appendBytes(p.part, field, entry)
	return n
}

func (p *perfetto) annotate(event []byte, args []arg) []byte {
	for _, a := range args {
		p.part = appendText(p.part[:0], annotationName, a.name)
		if a.text != "" {
			p.part = appendText(p.part, annotationText, a.text)
		} else {
			p.part = appendInt(p.part, annotationInt, a.number)
		}
		event = appendBytes(event, eventAnnotation, p.part)
	}
	return event
}
