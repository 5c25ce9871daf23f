//go:build playground

package playground

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
)

//go:embed carried/fibsim.wasm.gz
var carriedWasm []byte

//go:embed carried/wasm_exec.js
var carriedLoader []byte

// carried returns the simulator that `go generate` left for this build.
var carried = func() (*Program, error) {
	r, err := gzip.NewReader(bytes.NewReader(carriedWasm))
	if err != nil {
		return nil, err
	}
	wasm, err := io.ReadAll(r)
	return &Program{Wasm: wasm, Loader: carriedLoader}, err
}
