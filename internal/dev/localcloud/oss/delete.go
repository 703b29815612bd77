package oss

import (
	"bytes"
	"encoding/xml"
	"html"
	"net/http"
	"regexp"
)

var keyElement = regexp.MustCompile(`(?s)<Key>(.*?)</Key>`)

func (e *Emulator) deleteObject(wk *work) (*reply, *apiError) {
	if err := wk.b.delete(wk.key); err != nil {
		return nil, errInternal(err)
	}
	return newReply(http.StatusNoContent), nil // whether it existed or not (documented)
}

// deleteObjects accepts XML that parsers refuse: control characters as
// references (observed).
func (e *Emulator) deleteObjects(wk *work) (*reply, *apiError) {
	if wk.r.Header.Get("Content-Md5") == "" {
		return nil, fault(400, "MissingArgument", "", "Missing Some Required Arguments: Content-MD5.")
	}
	if bad := checkMD5(wk.r.Header, wk.body); bad != nil {
		return nil, bad
	}
	matches := keyElement.FindAllSubmatch(wk.body, -1)
	if len(matches) == 0 || len(matches) > 1000 {
		return nil, fault(400, "MalformedXML", "", "The XML you provided was not well-formed or did not validate against our published schema.")
	}
	type deleted struct {
		Key string `xml:"Key"`
	}
	doc := struct {
		XMLName      xml.Name  `xml:"DeleteResult"`
		EncodingType string    `xml:"EncodingType,omitempty"`
		Deleted      []deleted `xml:"Deleted"`
	}{EncodingType: wk.query.Get("encoding-type")}
	for _, m := range matches {
		key := html.UnescapeString(string(m[1]))
		if err := wk.b.delete(key); err != nil {
			return nil, errInternal(err)
		}
		if doc.EncodingType == "url" {
			key = escape(key)
		}
		doc.Deleted = append(doc.Deleted, deleted{key})
	}
	if bytes.Contains(wk.body, []byte("<Quiet>true</Quiet>")) {
		return newReply(http.StatusOK), nil // no document (documented)
	}
	return xmlReply(doc), nil
}
