package live

import (
	"os/exec"
	"syscall"
)

// ownFate keeps the terminal's interrupt from a client process, as fibsim decides
// how a run ends, and lets the kernel kill it should fibsim itself be killed.
func ownFate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
