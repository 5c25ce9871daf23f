package live

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// stream is one TCP connection in blocking calls. Its owner alone calls recv, send
// and close; anybody may call shut.
type stream interface {
	// recv returns what is there, at least one byte. At the end of what the other
	// side sends it returns io.EOF.
	recv(b []byte) (int, error)
	// send sends all of b.
	send(b []byte) error
	// limit makes recv and send fail when nothing moves for so long; 0: never.
	limit(idle time.Duration)
	// ports returns the port of this side and of the other one.
	ports() (local, peer int)
	// drain lets nothing more in: recv returns io.EOF once it has returned what is there.
	drain()
	// shut ends the connection: calls that block return, and later ones fail.
	shut()
	// close gives the descriptor back.
	close()
}

// listener accepts streams. Its owner alone calls accept and close; anybody may
// call shut.
type listener interface {
	// accept returns the next connection, and errShut after shut.
	accept() (stream, error)
	// addr returns host:port, with the port that was found for port 0.
	addr() string
	shut()
	close()
}

// errShut is what accept returns after shut.
var errShut = errors.New("the server was shut")

// netListener and netStream are sockets as Go has them, with its netpoller.
type netListener struct{ net.Listener }

// listenNet listens on a host:port.
func listenNet(address string) (listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, listenError(address, err)
	}
	return netListener{l}, nil
}

func (l netListener) accept() (stream, error) {
	c, err := l.Accept()
	switch {
	case errors.Is(err, net.ErrClosed):
		return nil, errShut
	case err != nil:
		return nil, fmt.Errorf("accept: %w", err)
	}
	return &netStream{conn: c}, nil
}

func (l netListener) addr() string { return l.Addr().String() }
func (l netListener) shut()        { l.Close() }
func (l netListener) close()       { l.Close() }

type netStream struct {
	conn net.Conn
	idle time.Duration
}

func (s *netStream) limit(idle time.Duration) { s.idle = idle }

func (s *netStream) recv(b []byte) (int, error) {
	if s.idle > 0 {
		_ = s.conn.SetReadDeadline(time.Now().Add(s.idle)) // fails only where the connection is closed
	}
	return s.conn.Read(b)
}

func (s *netStream) send(b []byte) error {
	if s.idle > 0 {
		_ = s.conn.SetWriteDeadline(time.Now().Add(s.idle))
	}
	_, err := s.conn.Write(b)
	return err
}

func (s *netStream) ports() (local, peer int) {
	return portOf(s.conn.LocalAddr()), portOf(s.conn.RemoteAddr())
}

func (s *netStream) drain() { _ = s.conn.(*net.TCPConn).CloseRead() } // fails where it is closed
func (s *netStream) shut()  { s.conn.Close() }
func (s *netStream) close() { s.conn.Close() }

func portOf(a net.Addr) int {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.Port
	}
	return 0
}

// listenError says what to do about an address that cannot be listened on.
func listenError(address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("server.address: %s is in use; stop what listens there, or give port 0 for any free one: %w", address, err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("server.address: no permission to listen on %s; give a port above 1023, or 0 for any free one: %w", address, err)
	}
	return fmt.Errorf("server.address: cannot listen on %s: %w", address, err)
}

// lost says in a few words how a connection broke.
func lost(err error) string {
	switch {
	case errors.Is(err, io.EOF):
		return "the server closed the connection"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the server reset the connection"
	}
	return "the connection broke: " + err.Error()
}
