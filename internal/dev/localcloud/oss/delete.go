package oss

import (
	"bytes"
	"encoding/xml"
	"html"
	"net/http"
	"regexp"
)

var (
	keyElement     = regexp.MustCompile(`(?s)<Key>(.*?)</Key>`)
	versionElement = regexp.MustCompile(`(?s)</Key>\s*<VersionId>(.*?)</VersionId>`) // of the key before it
)

func (e *Emulator) deleteObject(wk *work) (*reply, *apiError) {
	if wk.version() != nil {
		return newReply(http.StatusNoContent), nil // a version that does not exist is deleted already (own choice)
	}
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
	matches := keyElement.FindAllSubmatchIndex(wk.body, -1)
	if len(matches) == 0 || len(matches) > 1000 {
		return nil, fault(400, "MalformedXML", "", "The XML you provided was not well-formed or did not validate against our published schema.")
	}
	type deleted struct {
		Key     string `xml:"Key"`
		Version string `xml:"VersionId,omitempty"`
	}
	doc := struct {
		XMLName      xml.Name  `xml:"DeleteResult"`
		EncodingType string    `xml:"EncodingType,omitempty"`
		Deleted      []deleted `xml:"Deleted"`
	}{EncodingType: wk.query.Get("encoding-type")}
	for _, m := range matches {
		key := html.UnescapeString(string(wk.body[m[2]:m[3]]))
		version := ""
		if v := versionElement.FindSubmatchIndex(wk.body[m[3]:]); v != nil && v[0] == 0 {
			version = string(wk.body[m[3]+v[2] : m[3]+v[3]])
		}
		if version == "" || version == "null" {
			if err := wk.b.delete(key); err != nil {
				return nil, errInternal(err)
			}
		}
		if doc.EncodingType == "url" {
			key = escape(key)
		}
		doc.Deleted = append(doc.Deleted, deleted{key, version})
	}
	if bytes.Contains(wk.body, []byte("<Quiet>true</Quiet>")) {
		return newReply(http.StatusOK), nil // no document (documented)
	}
	return xmlReply(doc), nil
}
