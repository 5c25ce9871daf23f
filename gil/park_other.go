//go:build !linux

package gil

var available = []Park{ParkGoroutine}

func osParker(Park) parker { panic("gil: no parker of this system's own") }

type hostSeat struct{}
