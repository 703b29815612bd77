package oss

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Limits of tags (documented).
const (
	maxTags     = 10
	maxTagKey   = 128
	maxTagValue = 256
)

// tag is one tag of an object, in the order of the request.
type tag struct {
	Key   string `json:"key"   xml:"Key"`
	Value string `json:"value" xml:"Value"`
}

type tagging struct {
	XMLName xml.Name `xml:"Tagging"`
	Tags    []tag    `xml:"TagSet>Tag"`
}

// tagsOf reads the header x-oss-tagging, which is encoded like a query.
func tagsOf(h http.Header) ([]tag, *apiError) {
	text := h.Get("X-Oss-Tagging")
	if text == "" {
		return nil, nil
	}
	var tags []tag
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		key, err1 := url.QueryUnescape(name)
		plain, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return nil, errInvalidTag("The header x-oss-tagging is not encoded as a query.")
		}
		tags = append(tags, tag{key, plain})
	}
	return tags, checkTags(tags)
}

func errInvalidTag(message string) *apiError { return fault(400, "InvalidTag", "", message) }

func checkTags(tags []tag) *apiError {
	allowed := regexp.MustCompile(`^[\p{L}\p{N} +\-=._:/]*$`)
	seen := map[string]bool{}
	for _, t := range tags {
		switch {
		case t.Key == "" || runes(t.Key) > maxTagKey || !allowed.MatchString(t.Key):
			return errInvalidTag("The TagKey you have provided is invalid.")
		case runes(t.Value) > maxTagValue || !allowed.MatchString(t.Value):
			return errInvalidTag("The TagValue you have provided is invalid.")
		case seen[t.Key]:
			return errInvalidTag("Cannot provide multiple Tags with the same key.")
		}
		seen[t.Key] = true
	}
	if len(tags) > maxTags {
		return errInvalidTag("Object tags cannot be greater than 10.")
	}
	return nil
}

func (e *Emulator) objectTagging(wk *work) (*reply, *apiError) {
	if bad := wk.version(); bad != nil {
		return nil, bad
	}
	o := wk.b.get(wk.key)
	if o == nil {
		return nil, errNoSuchKey()
	}
	if wk.op == "GetObjectTagging" {
		return xmlReply(tagging{Tags: o.Tags}), nil
	}
	var t tagging
	if wk.op == "PutObjectTagging" {
		if bad := checkMD5(wk.r.Header, wk.body); bad != nil {
			return nil, bad
		}
		if err := xml.Unmarshal(wk.body, &t); err != nil {
			return nil, errMalformedXML()
		}
		if bad := checkTags(t.Tags); bad != nil {
			return nil, bad
		}
	}
	if err := wk.b.edit(wk.key, func(o *object) { o.Tags = t.Tags }); err != nil {
		return nil, errInternal(err)
	}
	if wk.op == "DeleteObjectTagging" {
		return newReply(http.StatusNoContent), nil
	}
	return newReply(http.StatusOK), nil
}

func errMalformedXML() *apiError {
	return fault(400, "MalformedXML", "", "The XML you provided was not well-formed or did not validate against our published schema.")
}

// countTags shows how many tags there are, if there are any (documented).
func (o *object) countTags(h http.Header) {
	if len(o.Tags) > 0 {
		h.Set("X-Oss-Tagging-Count", strconv.Itoa(len(o.Tags)))
	}
}
