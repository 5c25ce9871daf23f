package tracefile

import "encoding/binary"

// The encoding of protocol buffers: a message is a sequence of fields, each with a
// number and a wire type. https://protobuf.dev/programming-guides/encoding
const (
	wireVarint = 0
	wireFixed  = 1 // of 64 bits
	wireBytes  = 2
)

func appendTag(b []byte, field, wire uint64) []byte {
	return binary.AppendUvarint(b, field<<3|wire)
}

// appendInt appends a field of type int64, uint64, uint32 or an enum. Negative
// numbers take ten bytes, sign-extended to 64 bits also where the field has 32.
func appendInt(b []byte, field uint64, v int64) []byte {
	return binary.AppendUvarint(appendTag(b, field, wireVarint), uint64(v))
}

func appendFixed(b []byte, field, v uint64) []byte {
	return binary.LittleEndian.AppendUint64(appendTag(b, field, wireFixed), v)
}

func appendBytes(b []byte, field uint64, v []byte) []byte {
	return append(binary.AppendUvarint(appendTag(b, field, wireBytes), uint64(len(v))), v...)
}

func appendText(b []byte, field uint64, v string) []byte {
	return append(binary.AppendUvarint(appendTag(b, field, wireBytes), uint64(len(v))), v...)
}
