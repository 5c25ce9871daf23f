// Package ossched has the scheduling policies of operating systems and of Go's
// runtime, as state machines for a simulator to drive.
//
// It is a leaf without clock, goroutine or I/O: a policy is told what happens and
// when, and answers who runs. Integers decide, so that the same calls have the
// same answers on every machine. Each policy has a file of its own, which opens
// with how it works and where its rules come from.
//
// A driver of one CPU that never idles is as short as this:
//
//	p, err := ossched.New("rr", ossched.Config{CPUs: 1, Tick: 4e6})
//	p.Add(0, ossched.Attr{})
//	p.Add(1, ossched.Attr{})
//	p.Enqueue(p.Place(0, ossched.NoCPU, 0), 0, 0, ossched.Created)
//	p.Enqueue(p.Place(1, ossched.NoCPU, 0), 1, 0, ossched.Created)
//	for now := int64(0); now < end; {
//		t := p.Pick(0, now)                    // t runs …
//		for now = p.Next(0, now); !p.Tick(0, now); now = p.Next(0, now) {
//		}
//		p.Put(0, now, ossched.Preempted)       // … until now
//	}
package ossched
