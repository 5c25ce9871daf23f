// Package cpython is the python backend: it runs a program in a real
// interpreter, as the reference that the emulator is held against.
//
// [Open] looks at an interpreter and returns a [Backend] for it. Each run is a
// fresh process of that interpreter, which executes an embedded driver. The
// driver gets the program on its standard input, uses threading, socket and time
// as a Python user would, and does nothing but note two clock readings per
// iteration until the run is over; then it sends them back.
//
// What an interpreter does with its lock cannot be seen from Python, so a
// report has times but no thread states. What a scenario asks for and an
// interpreter cannot obey, such as the rules of another lock, becomes a warning.
//
// The process ends with the run, however that ends: its whole process group is
// killed when the context is done, when it says nothing for longer than its work
// can take, and by itself when its input is closed because fibsim is gone.
package cpython
