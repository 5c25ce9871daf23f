package scenarios

import (
	"bytes"
	"encoding/json"
)

// field is a key and its value in an object.
type field struct {
	key   string
	value any // object, []any, a slice of strings, or a scalar
}

// object is a mapping whose order is kept, so that what is made from it is the
// same bytes each time and reads in the order of the documentation.
type object []field

// MarshalJSON writes the keys in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := plainJSON(&b, f.key); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := plainJSON(&b, f.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// plainJSON leaves < and > readable: checks are full of them. An outer encoder
// that wants them escaped still does so.
func plainJSON(b *bytes.Buffer, v any) error {
	encoder := json.NewEncoder(b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the encoder's newline
	return nil
}
