package latchkey

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

var (
	labelPattern   = regexp.MustCompile(`^[a-z0-9_-]+$`)
	numberPattern  = regexp.MustCompile(`^(?:0x.*|[0-9]+)$`)
	portPattern    = regexp.MustCompile(`^[1-9][0-9]{0,4}$`)
	escapePattern  = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	plainPattern   = regexp.MustCompile(`^[A-Za-z0-9\-._~]*$`)
	segmentPattern = regexp.MustCompile(`^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-F]{2})*$`)
)

// normalizedURL returns a URL without query and fragment, normalized by syntax and scheme (RFC 3986 §6.2.2, §6.2.3), as the claim
// htu is compared (RFC 9449 §4.3, check 9). It is empty for what is not one of http or https, and for what two readers could take
// for two different ones.
func normalizedURL(address string) string {
	if end := strings.IndexAny(address, "?#"); end >= 0 {
		address = address[:end]
	}
	scheme, rest, isURL := strings.Cut(address, "://")
	scheme = strings.ToLower(scheme)
	defaultPort := map[string]string{"http": "80", "https": "443"}[scheme]
	if !isURL || defaultPort == "" {
		return ""
	}
	authority, path := rest, "/"
	if start := strings.IndexByte(rest, '/'); start >= 0 {
		authority, path = rest[:start], rest[start:]
	}
	host, port := splitPort(strings.ToLower(authority))
	host, path = normalizedHost(host), normalizedPath(path)
	if number, _ := strconv.Atoi(port); host == "" || path == "" || number > 65535 {
		return ""
	}
	switch {
	case port == "" || port == defaultPort:
		return scheme + "://" + host + path
	case portPattern.MatchString(port):
		return scheme + "://" + host + ":" + port + path
	default:
		return ""
	}
}

// splitPort cuts the port off; without one, it is empty.
func splitPort(authority string) (host, port string) {
	colon := strings.IndexByte(authority, ':')
	if strings.HasPrefix(authority, "[") {
		end := strings.IndexByte(authority, ']')
		if end+1 == len(authority) || end < 0 || authority[end+1] != ':' {
			return authority, ""
		}
		colon = end + 1
	}
	if colon < 0 {
		return authority, ""
	}
	return authority[:colon], authority[colon+1:]
}

func normalizedHost(host string) string {
	labels := strings.Split(host, ".")
	switch {
	case strings.HasPrefix(host, "["):
		address, err := netip.ParseAddr(strings.TrimSuffix(host[1:], "]"))
		if err != nil || !address.Is6() || address.Zone() != "" || !strings.HasSuffix(host, "]") {
			return ""
		}
		return "[" + address.String() + "]"
	case numberPattern.MatchString(labels[len(labels)-1]):
		// Browsers take it for an address, which counts in one form only.
		if address, err := netip.ParseAddr(host); err != nil || !address.Is4() {
			return ""
		}
		return host
	}
	for _, label := range labels {
		if !labelPattern.MatchString(label) {
			return ""
		}
	}
	return host
}

// normalizedPath returns the path without dot segments (RFC 3986 §5.2.4).
func normalizedPath(path string) string {
	var kept []string
	segments := strings.Split(path[1:], "/")
	for place, segment := range segments {
		isLast := place+1 == len(segments)
		segment = escapePattern.ReplaceAllStringFunc(segment, unescapeUnreserved)
		// Some servers merge slashes. The last segment is empty if the path ends with one.
		if !segmentPattern.MatchString(segment) || (segment == "" && !isLast) {
			return ""
		}
		if segment == ".." {
			// What is removed must be plain: for servers that unescape first, a%2Fb/.. is a/.
			if len(kept) == 0 || !plainPattern.MatchString(kept[len(kept)-1]) {
				return ""
			}
			kept = kept[:len(kept)-1]
		}
		if segment != "." && segment != ".." {
			kept = append(kept, segment)
		} else if isLast {
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/")
}

func unescapeUnreserved(escape string) string {
	code, _ := strconv.ParseUint(escape[1:], 16, 8)
	if character := string(rune(code)); plainPattern.MatchString(character) {
		return character
	}
	return strings.ToUpper(escape)
}
