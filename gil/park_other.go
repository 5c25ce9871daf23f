//go:build !linux

package gil

var available = []Park{ParkGoroutine}

type condition struct{}

func osParker(Park) parker { panic("gil: no parker of this system's own") }
