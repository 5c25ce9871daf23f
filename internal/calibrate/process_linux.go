package calibrate

import (
	"os"
	"os/exec"

	"github.com/fibsim/fibsim/gil"
)

// processSwitch returns how much longer it takes to switch to a thread of another
// process than to one of the same: half of what a byte takes longer to cat and back, on
// one CPU through pipes, than to a thread that does as cat does; measured in turns. False:
// there is no cat, or no pipe.
func processSwitch(cpu int) (each float64, ok bool) {
	toCat, err := openPipes()
	if err != nil {
		return 0, false
	}
	defer toCat.close()
	toThread, err := openPipes()
	if err != nil {
		return 0, false
	}
	defer toThread.close()
	cat := exec.Command("cat")
	cat.Stdin, cat.Stdout = toCat.read, toCat.write
	if cat.Start() != nil {
		return 0, false
	}
	bindProcess(cat.Process.Pid, cpu)
	var t threads
	t.on(cpu, func() {
		for relay(int(toThread.read.Fd()), int(toThread.write.Fd())) {
		}
	})
	longer := make([]int64, rounds)
	for i := range longer {
		longer[i] = turns(cpu, toCat) - turns(cpu, toThread)
	}
	toCat.there.Close() // which ends the other side
	toThread.there.Close()
	t.wait()
	_ = cat.Wait() // killed by somebody it has not disturbed what was measured
	return float64(max(0, sorted(longer).Median())) / 2, true
}

// twoPipes lead to somebody and back. Read and write are the ends of the other side.
type twoPipes struct{ there, back, read, write *os.File }

func openPipes() (p twoPipes, err error) {
	if p.read, p.there, err = os.Pipe(); err != nil {
		return p, err
	}
	if p.back, p.write, err = os.Pipe(); err != nil {
		p.read.Close()
		p.there.Close()
	}
	return p, err
}

func (p *twoPipes) close() {
	for _, f := range [...]*os.File{p.there, p.back, p.read, p.write} {
		f.Close()
	}
}

// turns returns what a byte takes through two pipes and back, in ns.
func turns(cpu int, p twoPipes) int64 {
	const each, times = 50, 15
	lengths := make([]int64, times)
	there, back := int(p.there.Fd()), int(p.back.Fd())
	alone(cpu, func() {
		var buffer [100]byte
		for i := range lengths {
			breathe()
			start := gil.Monotonic()
			for range each {
				transmitBytes(there, 1)
				receive(back, &buffer)
			}
			lengths[i] = gil.Monotonic() - start
		}
	})
	return sorted(lengths).Median() / each
}
