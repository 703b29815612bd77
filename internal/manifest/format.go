package manifest

import (
	"mime"
	"path"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/document"
)

// Format is the notation of a document.
type Format = document.Format

// The formats.
const (
	YAML = document.YAML
	JSON = document.JSON
)

// FormatOf returns the format for the extension of a file name or object key:
// .yaml, .yml or .json in any case.
func FormatOf(key string) (Format, bool) {
	switch strings.ToLower(path.Ext(key)) {
	case ".yaml", ".yml":
		return YAML, true
	case ".json":
		return JSON, true
	default:
		return "", false
	}
}

// FormatOfContentType returns the format for a Content-Type: application/json,
// application/yaml (RFC 9512) and the older names of YAML. It refuses every charset
// but UTF-8.
func FormatOfContentType(ct string) (Format, bool) {
	media, params, err := mime.ParseMediaType(ct)
	if err != nil {
		return "", false
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return "", false
	}
	switch media {
	case "application/json":
		return JSON, true
	case "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml":
		return YAML, true
	default:
		return "", false
	}
}
