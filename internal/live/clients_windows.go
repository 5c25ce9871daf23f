package live

import (
	"os/exec"
	"syscall"
)

// ownFate keeps the console's interrupt from a client process: fibsim decides how
// a run ends.
func ownFate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
