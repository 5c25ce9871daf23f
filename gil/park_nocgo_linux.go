//go:build !cgo

package gil

var available = []Park{ParkFutex, ParkGoroutine}

func osParker(Park) parker { return new(futexParker) }

type hostSeat struct{}
