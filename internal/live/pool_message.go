package live

import (
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// What a pool and a worker process say to each other are messages: four bytes of
// length, the highest first, and then as many of content, as multiprocessing's
// Connection.send_bytes writes them. The first one is a workerConfig, which is answered by
// an empty one; from then on each task of the parent is answered by a result. Where there is
// a board, results go through its pipe, and a worker that is idle while tasks wait sends an
// empty message.

// maxMessage bounds a message, which a broken process may have sent.
const maxMessage = 1 << 24

var errMessage = errors.New("a message that cannot be read")

// workerConfig is what a worker process has to know before its first task.
type workerConfig struct {
	Native         bool // no interpreter lock
	Interpreter    workloads.Interpreter
	Pad            kernel.Recipe
	PerMicrosecond uint32      // turns of the spinner
	File           string      // what read operations read
	Fork           *forkConfig // of a server process; nil: a worker of a pool
	Board          bool        // it has inherited one, where it has this place
	Place          int
}

// write sends the configuration. It is sent once for each process, so that its
// encoding may take its time.
func (c *workerConfig) write(w io.Writer) error {
	var b messageBuffer
	gob.Register(time.Duration(0)) // a parameter of a lock may be one
	if err := gob.NewEncoder(&b).Encode(c); err != nil {
		return err
	}
	return writeMessage(w, b)
}

func readWorkerConfig(r io.Reader) (c workerConfig, err error) {
	message, err := readMessage(r)
	if err != nil {
		return c, err
	}
	gob.Register(time.Duration(0))
	b := messageBuffer(message)
	if err := gob.NewDecoder(&b).Decode(&c); err != nil {
		return c, fmt.Errorf("the configuration cannot be read: %w", err)
	}
	return c, nil
}

// messageBuffer is a message that is being written or read.
type messageBuffer []byte

func (b *messageBuffer) Write(p []byte) (int, error) { *b = append(*b, p...); return len(p), nil }

func (b *messageBuffer) Read(p []byte) (int, error) {
	if len(*b) == 0 {
		return 0, io.EOF
	}
	n := copy(p, *b)
	*b = (*b)[n:]
	return n, nil
}

// writeMessage sends a message in one call.
func writeMessage(w io.Writer, message []byte) error {
	framed := make([]byte, 4, 4+len(message))
	binary.BigEndian.PutUint32(framed, uint32(len(message)))
	_, err := w.Write(append(framed, message...))
	return err
}

// readMessage receives a message in two calls. At the end of all messages it
// returns io.EOF.
func readMessage(r io.Reader) ([]byte, error) {
	n, err := readLength(r)
	if err != nil {
		return nil, err
	}
	return readBody(r, n)
}

func readLength(r io.Reader) (int, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxMessage {
		return 0, fmt.Errorf("%w: it claims to have %d bytes", errMessage, n)
	}
	return int(n), nil
}

func readBody(r io.Reader, n int) ([]byte, error) {
	message := make([]byte, n)
	_, err := io.ReadFull(r, message)
	return message, err
}

// task is what a worker process is to do. Random durations go on in the stream of
// whoever submitted the task.
type task struct {
	id     uint64
	body   []workloads.Op
	stream workloads.Stream
}

// result is what became of a task. Times are readings of gil.Monotonic in the
// worker process.
type result struct {
	id         uint64
	begin, end int64            // of the work; 0: not known
	planned    int64            // ns of sleep that the body asked for
	value      uint64           // of the last fib
	stream     workloads.Stream // after the body
	problem    string           // what went wrong in a few words; empty: nothing
}

func (t *task) encode() []byte {
	b := binary.AppendUvarint(nil, t.id)
	b = binary.BigEndian.AppendUint64(b, t.stream.State())
	return appendOps(b, t.body)
}

func appendOps(b []byte, ops []workloads.Op) []byte {
	b = binary.AppendUvarint(b, uint64(len(ops)))
	for i := range ops {
		op := &ops[i]
		b = append(b, byte(op.Kind), byte(op.For.Dist))
		for _, v := range [...]int64{int64(op.N), op.Bytes, int64(op.Ref), op.For.Mean, op.For.Low, op.For.High} {
			b = binary.AppendVarint(b, v)
		}
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(op.For.Shape))
		b = appendText(b, op.Source)
		b = appendOps(b, op.Body)
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func decodeTask(message []byte) (*task, error) {
	d := decoder{rest: message}
	t := &task{id: d.unsigned(), stream: workloads.StreamAt(d.word()), body: d.ops(maxNesting)}
	return t, d.end()
}

// maxProblem bounds what a result says of what went wrong, so that all of it is written
// to a pipe in one piece, whoever else writes (PIPE_BUF, pipe(7)).
const maxProblem = 2000

func (r *result) encode() []byte {
	b := binary.AppendUvarint(nil, r.id)
	for _, v := range [...]int64{r.begin, r.end, r.planned} {
		b = binary.AppendVarint(b, v)
	}
	b = binary.AppendUvarint(b, r.value)
	b = binary.BigEndian.AppendUint64(b, r.stream.State())
	return appendText(b, r.problem[:min(len(r.problem), maxProblem)])
}

func decodeResult(message []byte) (*result, error) {
	d := decoder{rest: message}
	r := &result{
		id: d.unsigned(), begin: d.signed(), end: d.signed(), planned: d.signed(),
		value: d.unsigned(), stream: workloads.StreamAt(d.word()), problem: d.text(),
	}
	return r, d.end()
}

// chargeWork gives the time for which a worker process computed for a waiting
// thread to that thread's nogil time. Epoch is time 0, now what the thread's clock
// shows. Where the processes share no clock, the work counts as just ended.
func chargeWork(r *result, l *trace.Lane, epoch, now int64) {
	if begin, end := r.computed(epoch, l.Since(), now); begin < end {
		l.To(trace.NoGIL, begin)
		l.To(trace.IO, end)
	}
}

// computed returns from when to when a worker process computed, inside a time; begin is
// not before end where it did not.
func (r *result) computed(epoch, from, now int64) (begin, end int64) {
	begin, end = r.begin-epoch, r.end-epoch
	if !sharedClock {
		begin, end = now-(end-begin), now
	}
	return max(begin, from), min(end, now)
}

// maxNesting bounds the loops inside each other of a body that is received.
const maxNesting = 64

// decoder takes a message apart. After the first mistake it yields zeros.
type decoder struct {
	rest  []byte
	wrong bool
}

func (d *decoder) end() error {
	if d.wrong || len(d.rest) > 0 {
		return errMessage
	}
	return nil
}

func (d *decoder) bytes(n uint64) []byte {
	if d.wrong || n > uint64(len(d.rest)) {
		d.wrong = true
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) unsigned() uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.wrong, n, v = true, 0, 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) signed() int64 {
	v, n := binary.Varint(d.rest)
	if n <= 0 {
		d.wrong, n, v = true, 0, 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) octet() byte {
	if b := d.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) word() uint64 {
	if b := d.bytes(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (d *decoder) text() string { return string(d.bytes(d.unsigned())) }

func (d *decoder) ops(depth int) []workloads.Op {
	n := d.unsigned()
	// An operation takes 18 bytes at least, so that a wrong number cannot ask for much.
	if d.wrong || depth == 0 || n > uint64(len(d.rest)) {
		d.wrong = true
		return nil
	}
	var ops []workloads.Op
	for range n {
		op := workloads.Op{Kind: workloads.OpKind(d.octet()), For: workloads.Duration{Dist: workloads.Dist(d.octet())}}
		op.N, op.Bytes, op.Ref = int(d.signed()), d.signed(), int(d.signed())
		op.For.Mean, op.For.Low, op.For.High = d.signed(), d.signed(), d.signed()
		op.For.Shape = math.Float64frombits(d.word())
		op.Source = d.text()
		if inner := d.ops(depth - 1); len(inner) > 0 {
			op.Body = inner
		}
		if d.wrong {
			return nil
		}
		ops = append(ops, op)
	}
	return ops
}
