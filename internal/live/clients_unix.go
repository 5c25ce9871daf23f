//go:build unix && !linux

package live

import (
	"os/exec"
	"syscall"
)

// ownFate keeps the terminal's interrupt from a client process: fibsim decides how
// a run ends.
func ownFate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
