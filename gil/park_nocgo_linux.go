//go:build !cgo

package gil

var available = []Park{ParkFutex, ParkGoroutine}

type condition struct{}

func osParker(Park) parker { return new(futexParker) }
