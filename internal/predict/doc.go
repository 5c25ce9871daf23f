// Package predict is the simulator as a backend of a session: sim_gil predicts what
// the gil backend would measure, sim_native what native would.
//
// It also knows where costs come from: the defaults, the file that `fibsim
// calibrate` wrote for this host, or any other cost file.
package predict
