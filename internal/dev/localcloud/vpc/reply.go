package vpc

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
)

// field is one member of a reply; its value is a string, an int, an int64, a
// bool, an object or a list.
type field struct {
	name  string
	value any
}

// object keeps the order of its members, as the API's samples do.
type object []field

// list renders as {"<item>": [...]} in JSON and as repeated elements in XML
// (documented).
type list struct {
	item    string
	objects []object
}

// bare renders as [...] in JSON and as repeated elements of its own name in XML.
type bare []object

// texts renders as a list of texts.
type texts struct {
	item   string
	values []string
}

// words renders as [...] in JSON and as repeated elements of its own name in XML.
type words []string

// style says how an object is rendered.
type style struct {
	xml     bool
	texts   bool // numbers and flags as strings, as in the samples of the reference page
	single  bool // a list of one as a bare object, likewise
	misspel bool // CLientIpPool, likewise
}

// outcome is the result of a call.
type outcome struct {
	reply     object
	err       *apiError
	effective bool // a modification was accepted
	changed   bool // and altered a value
	replay    bool // of a ClientToken
	stored    bool // the state has changed
	sum       string
}

func refuse(err *apiError) outcome { return outcome{err: err} }

func (o outcome) write(w http.ResponseWriter, c *call) {
	if o.err != nil {
		o.err.write(w, c)
		return
	}
	writeReply(w, c, http.StatusOK, c.action+"Response", o.reply, style{xml: c.xml})
}

// writeReply sends an object with the headers of the real service (observed).
func writeReply(w http.ResponseWriter, c *call, status int, root string, o object, s style) {
	body := render(root, o, s)
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	if s.xml {
		w.Header().Set("Content-Type", "text/xml;charset=utf-8")
	}
	w.Header().Set("X-Acs-Request-Id", c.requestID)
	w.Header().Set("Keep-Alive", "timeout=25")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func render(root string, o object, s style) string {
	var b strings.Builder
	if s.xml {
		b.WriteString("<?xml version='1.0' encoding='UTF-8'?>")
		s.writeXML(&b, root, o)
	} else {
		s.writeJSON(&b, o)
	}
	return b.String()
}

func (s style) name(name string) string {
	if s.misspel && name == "ClientIpPool" {
		return "CLientIpPool"
	}
	return name
}

func (s style) writeJSON(b *strings.Builder, value any) {
	switch v := value.(type) {
	case object:
		b.WriteByte('{')
		for i, f := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quote(s.name(f.name)) + ":")
			s.writeJSON(b, f.value)
		}
		b.WriteByte('}')
	case bare:
		b.WriteByte('[')
		for i, o := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			s.writeJSON(b, o)
		}
		b.WriteByte(']')
	case words:
		b.WriteString(quote(append([]string{}, v...)))
	case texts:
		b.WriteString("{" + quote(v.item) + ":" + quote(append([]string{}, v.values...)) + "}")
	case list:
		if s.single && len(v.objects) == 1 {
			s.writeJSON(b, object{{v.item, v.objects[0]}})
			return
		}
		b.WriteString("{" + quote(v.item) + ":")
		s.writeJSON(b, bare(v.objects))
		b.WriteByte('}')
	default:
		text := quote(v)
		if s.texts && !strings.HasPrefix(text, `"`) {
			text = `"` + text + `"`
		}
		b.WriteString(text)
	}
}

// quote renders a scalar as JSON.
func quote(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "null"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (s style) writeXML(b *strings.Builder, name string, value any) {
	name = s.name(name)
	if v, ok := value.(bare); ok {
		for _, o := range v {
			s.writeXML(b, name, o)
		}
		return
	}
	if v, ok := value.(words); ok {
		for _, text := range v {
			s.writeXML(b, name, text)
		}
		return
	}
	b.WriteString("<" + name + ">")
	switch v := value.(type) {
	case object:
		for _, f := range v {
			s.writeXML(b, f.name, f.value)
		}
	case list:
		for _, o := range v.objects {
			s.writeXML(b, v.item, o)
		}
	case texts:
		for _, text := range v.values {
			s.writeXML(b, v.item, text)
		}
	case string:
		_ = xml.EscapeText(b, []byte(v)) // a strings.Builder does not fail
	default:
		b.WriteString(quote(v))
	}
	b.WriteString("</" + name + ">")
}
