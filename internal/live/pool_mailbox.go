package live

import "time"

// mailbox is where the manager of a pool waits, for results and for being woken.
// Any goroutine may post and wake; the rest is the manager's.
type mailbox interface {
	post(message []byte)
	wake()
	// wait returns when there is a result, a wake-up or a reason to stop, and
	// whether there is a result.
	wait(stop func() bool) (posted bool)
	// length and body receive a result, after wait has reported one.
	length() (int, error)
	body(n int) ([]byte, error)
	// discard throws away what wait has reported, of which a part may have been received.
	discard()
	// woken reports whether there is a wake-up, which readWake takes.
	woken() bool
	readWake()
	// close gives back what the mailbox holds of the system; nobody may use it then.
	close()
}

// channelMailbox is a mailbox of Go's own.
type channelMailbox struct {
	results chan []byte
	wakes   chan struct{}
	first   []byte // was received by wait
}

// mailboxRoom is how many results wait before who posts one does.
const mailboxRoom = 1024

func newChannelMailbox() *channelMailbox {
	return &channelMailbox{results: make(chan []byte, mailboxRoom), wakes: make(chan struct{}, 1)}
}

func (m *channelMailbox) post(message []byte) { m.results <- message }

func (m *channelMailbox) wake() {
	select {
	case m.wakes <- struct{}{}:
	default: // the manager will look anyway
	}
}

func (m *channelMailbox) wait(stop func() bool) (posted bool) {
	for !stop() {
		select {
		case m.first = <-m.results:
			return true
		case <-m.wakes:
			m.wake() // it is woken that takes it
			return false
		case <-time.After(100 * time.Millisecond):
		}
	}
	return false
}

func (m *channelMailbox) length() (int, error)     { return len(m.first), nil }
func (m *channelMailbox) body(int) ([]byte, error) { return m.first, nil }
func (m *channelMailbox) discard()                 {}
func (m *channelMailbox) woken() bool              { return len(m.wakes) > 0 }
func (m *channelMailbox) readWake()                { <-m.wakes }
func (m *channelMailbox) close()                   {}
