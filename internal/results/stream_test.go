package results

import (
	"errors"
	"strings"
	"syscall"
	"testing"
)

// Where the disk is full, a stream ends with its last whole record, and with its end
// where that still fits.
func TestStreamOnAFullDisk(t *testing.T) {
	for room := 1; room < 60; room++ {
		disk := &smallDisk{room: room}
		f, err := newRowFile("x.json", disk, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := &Stream{f}
		for range 20 {
			_ = s.Write([]byte("{record}"))
			_ = s.Flush()
		}
		if err := s.Close([]byte("]")); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("room %d: got %v", room, err)
		}
		text := string(disk.content)
		records := strings.Count(text, "{record}")
		if rest := strings.ReplaceAll(text, "{record}", ""); rest != "]" && rest != "" || rest == "" && records*8 < room {
			t.Errorf("room %d: left %q", room, text)
		}
	}
}

func TestStreamIsWhole(t *testing.T) {
	disk := &smallDisk{room: 1 << 20}
	f, err := newRowFile("x.json", disk, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &Stream{f}
	for range 3 {
		if err := s.Write([]byte("{record}")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close([]byte("]")); err != nil || string(disk.content) != "{record}{record}{record}]" {
		t.Errorf("%v: %q", err, disk.content)
	}
}
