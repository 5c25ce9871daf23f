package cpython

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup puts the process into a group of its own, out of reach of the
// console's interrupt: fibsim decides how a run ends.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// killGroup kills the process. Its descendants end when their input closes.
func killGroup(p *os.Process) error { return p.Kill() }
