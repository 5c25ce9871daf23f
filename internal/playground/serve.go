package playground

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path"
	"strconv"
	"time"
)

// types are the media types of the files, by the ending of their names. Browsers run
// WebAssembly while it comes in only where it is called that.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".wasm": "application/wasm",
}

// ServeHTTP answers with a file; index.html stands for /.
func (f Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	name := r.URL.Path
	if name == "/" {
		name = "/index.html"
	}
	content, ok := f[name[1:]]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", types[path.Ext(name)])
	h.Set("Content-Length", strconv.Itoa(len(content)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store") // the next fibsim at this address is another
	if r.Method == http.MethodGet {
		_, _ = w.Write(content) // a reader that has left is no error
	}
}

// Listen opens an address of this host alone.
func Listen(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &AddressError{address, "must be HOST:PORT, such as 127.0.0.1:8080"}
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, &AddressError{address, "must be an address of this host alone, such as 127.0.0.1:8080; for others, -o DIR writes files that any web server serves"}
	}
	return net.Listen("tcp", address)
}

// AddressError is an address at which the page is not served.
type AddressError struct{ Address, Why string }

// Error says why not, and the address.
func (e *AddressError) Error() string { return e.Why + ", got " + strconv.Quote(e.Address) }

// Serve serves the files until ctx ends, and closes the listener.
func (f Files) Serve(ctx context.Context, l net.Listener) error {
	s := &http.Server{Handler: f, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	rest, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.Shutdown(rest) != nil {
		_ = s.Close() // a browser that holds its connection is left
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
