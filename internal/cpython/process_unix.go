//go:build unix

package cpython

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup puts the process into a group of its own, out of reach of the
// terminal's interrupt: fibsim decides how a run ends.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills the process and its descendants.
func killGroup(p *os.Process) error {
	if err := syscall.Kill(-p.Pid, syscall.SIGKILL); err != nil {
		return os.ErrProcessDone
	}
	return nil
}
