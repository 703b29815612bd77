package sslvpn

// param is one parameter of a request, not yet encoded.
type param struct{ name, value string }

// encodeQuery sorts the parameters and encodes them after RFC 3986, as the
// signature requires: package net/url would encode a blank as "+".
func encodeQuery(params []param) string {
	for i := range params { // there are a dozen: the standard library's sort is 10 kB of code
		for ; i > 0 && params[i].name < params[i-1].name; i-- {
			params[i], params[i-1] = params[i-1], params[i]
		}
	}
	buf := make([]byte, 0, 256)
	for i, p := range params {
		if i > 0 {
			buf = append(buf, '&')
		}
		buf = append(appendEscaped(buf, p.name), '=')
		buf = appendEscaped(buf, p.value)
	}
	return string(buf)
}

func appendEscaped(buf []byte, s string) []byte {
	const hexDigits = "0123456789ABCDEF"
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~':
			buf = append(buf, c)
		default:
			buf = append(buf, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return buf
}
