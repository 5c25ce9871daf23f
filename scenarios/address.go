package scenarios

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// loopback is host:port on this machine. A scenario that somebody passes on must
// not open a port to the network of whoever runs it.
func loopback() *scalar {
	return &scalar{
		naming: "an address such as 127.0.0.1:0",
		schem:  object{{"type", "string"}},
		parse: func(n *node) (any, string) {
			colon := strings.LastIndexByte(n.text, ':')
			if n.tag != "!!str" || colon < 0 {
				return nil, fmt.Sprintf("must be host:port such as 127.0.0.1:0, got %s", n.what())
			}
			port, err := strconv.ParseUint(n.text[colon+1:], 10, 16)
			if err != nil {
				return nil, fmt.Sprintf("the port must be from 0 to 65535, got %q", clip(n.text[colon+1:]))
			}
			host := strings.Trim(n.text[:colon], "[]")
			if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback() || ip.Zone() != "") {
				return nil, fmt.Sprintf("the host must be on loopback, such as 127.0.0.1, got %q", clip(host))
			}
			if strings.Contains(host, ":") {
				host = "[" + host + "]"
			}
			return fmt.Sprintf("%s:%d", host, port), ""
		},
	}
}
