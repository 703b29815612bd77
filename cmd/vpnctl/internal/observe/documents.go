package observe

import (
	"fmt"
	"net/url"
	"strings"
)

// Document is one thing to install, as the API of SLS takes it.
type Document struct {
	Kind Kind
	Name string // of the saved search, the dashboard or the alert rule; the log store of an index
	Body map[string]any
}

// Kind is a kind of document.
type Kind string

// The kinds, in the order in which they are installed.
const (
	KindIndex     Kind = "index"
	KindSearch    Kind = "saved search"
	KindDashboard Kind = "dashboard"
	KindAlert     Kind = "alert rule"
)

// path is where a document is read and replaced; collection is where it is created.
func (d Document) path() (path, collection string) {
	switch d.Kind {
	case KindIndex:
		path = "/logstores/" + url.PathEscape(d.Name) + "/index"
		return path, path
	case KindSearch:
		collection = "/savedsearches"
	case KindDashboard:
		collection = "/dashboards"
	case KindAlert:
		collection = "/jobs"
	}
	return collection + "/" + url.PathEscape(d.Name), collection
}

// Documents are what is installed at a target. Without an action policy there are no
// alert rules.
func (s *Spec) Documents(t Target) []Document {
	out := []Document{{KindIndex, t.Logstore, s.index()}}
	for _, q := range s.Searches {
		out = append(out, Document{KindSearch, q.Name, map[string]any{
			"savedsearchName": q.Name, "displayName": q.Title.Both(), "searchQuery": q.Query, "logstore": t.Logstore, "topic": "",
		}})
	}
	out = append(out, Document{KindDashboard, s.Dashboard.Name, s.dashboard(t)})
	if t.ActionPolicy == "" {
		return out
	}
	for _, a := range s.Alerts {
		out = append(out, Document{KindAlert, a.Name, a.job(s, t)})
	}
	return out
}

// delimiters split values into words for searches.
func delimiters() []string {
	return strings.Split(", ' \" ; = ( ) [ ] { } ? @ & < > / : \n \t \r", " ")
}

// words are delimiters, and the space.
func words() []any {
	out := []any{" "}
	for _, d := range delimiters() {
		out = append(out, d)
	}
	return out
}

// platformFields are those that Function Compute writes beside message.
func platformFields() []string {
	return []string{"functionName", "instanceID", "qualifier", "requestId", "versionId"}
}

// maxText is how much of a value is analyzed, in bytes: the most that SLS allows. By
// default it is 2048, and a stack trace is longer.
const maxText = 16384

func (s *Spec) index() map[string]any {
	keys := map[string]any{}
	for _, f := range platformFields() {
		keys[f] = map[string]any{"type": "text", "caseSensitive": false, "chn": false, "doc_value": true, "token": words()}
	}
	json := map[string]any{}
	for kind, names := range map[string][]string{"text": s.Index.Text, "long": s.Index.Long} {
		for _, n := range names {
			json[n] = map[string]any{"type": kind, "doc_value": true}
		}
	}
	keys["message"] = map[string]any{"type": "json", "caseSensitive": false, "chn": true, "doc_value": true, "token": words(), "json_keys": json}
	return map[string]any{
		"line": map[string]any{"token": words(), "caseSensitive": false, "chn": true},
		"keys": keys, "max_text_len": maxText, "log_reduce": false,
	}
}

// The size of the dashboard's grid, and the height of a chart.
const (
	gridWidth   = 10
	chartHeight = 6
)

func (s *Spec) dashboard(t Target) map[string]any {
	charts := make([]any, len(s.Dashboard.Charts))
	x, y := 0, 0
	for i, c := range s.Dashboard.Charts {
		if x+c.Width > gridWidth {
			x, y = 0, y+chartHeight
		}
		charts[i] = map[string]any{
			"title": fmt.Sprintf("chart-%02d", i+1), "type": c.Type, "action": map[string]any{},
			"search": map[string]any{"logstore": t.Logstore, "topic": "", "query": c.Query, "start": c.Start, "end": "now"},
			"display": map[string]any{
				"displayName": c.Title.Both(), "xAxis": list(c.X), "yAxis": list(c.Y),
				"xPos": x, "yPos": y, "width": c.Width, "height": chartHeight,
			},
		}
		x += c.Width
	}
	return map[string]any{
		"dashboardName": s.Dashboard.Name, "displayName": s.Dashboard.Title.Both(), "description": "",
		"attribute": map[string]any{"type": "grid"}, "charts": charts,
	}
}

func list(texts []string) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		out[i] = t
	}
	return out
}

// runbooks is where the runbooks of alerts are.
const runbooks = "https://github.com/sslvpn-change/sslvpn-change/blob/main/docs/operating.md#"

// condition is the alert's condition at a target.
func (a Alert) condition(t Target) string {
	return strings.ReplaceAll(a.Condition, "{approval-hours}", t.ApprovalHours)
}

// repeat is how long the same alert is not told again.
const repeat = "1h"

func (a Alert) job(s *Spec, t Target) map[string]any {
	pair := func(key, value string) any { return map[string]any{"key": key, "value": value} }
	desc := a.Says.EN
	if a.Says.ZH != a.Says.EN {
		desc += "\n" + a.Says.ZH
	}
	return map[string]any{
		"name": a.Name, "displayName": a.Title.Both(), "description": "", "type": "Alert",
		"schedule": map[string]any{"type": "FixedRate", "interval": a.Every, "delay": 10, "runImmediately": true},
		"configuration": map[string]any{
			"version": "2.0", "type": "default", "dashboard": s.Dashboard.Name, "threshold": 1, "sendResolved": true, "noDataFire": false, "noDataSeverity": a.Severity,
			"queryList": []any{map[string]any{
				"storeType": "log", "project": t.Project, "store": t.Logstore, "region": t.Region, "query": a.Query,
				"timeSpanType": "Relative", "start": "-" + a.Window, "end": "now", "powerSqlMode": "auto",
			}},
			"severityConfigurations": []any{map[string]any{"severity": a.Severity, "evalCondition": map[string]any{"condition": a.condition(t), "countCondition": ""}}},
			"groupConfiguration":     map[string]any{"type": "no_group", "fields": []any{}},
			"annotations":            []any{pair("title", a.Title.Both()), pair("desc", desc), pair("runbook", runbooks+a.Runbook)},
			"labels":                 []any{pair("app", "sslvpn-change")},
			"policyConfiguration":    map[string]any{"alertPolicyId": "sls.builtin.dynamic", "actionPolicyId": t.ActionPolicy, "repeatInterval": repeat},
			"autoAnnotation":         false,
		},
	}
}
