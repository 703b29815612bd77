package deploy_test

import (
	"fmt"
	"strings"
)

// addObserved reads what operators search, see and are told, by the properties that the
// vendor documents. Its contents are compared in cmd/vpnctl/internal/observe.
func (t *template) addObserved(kind string, properties any) error {
	switch kind {
	case "ALIYUN::SLS::Savedsearch":
		var s struct {
			Project string `yaml:"Project"`
			Detail  struct {
				SavedsearchName, DisplayName, Logstore, SearchQuery string
				Topic                                               *string
			} `yaml:"Detail"`
		}
		return t.observed(strict(lowered(properties), &s), s.Project, s.Detail.Logstore, s.Detail.SavedsearchName, s.Detail.SearchQuery)
	case "ALIYUN::SLS::Dashboard":
		var d struct {
			ProjectName   string `yaml:"ProjectName"`
			DashboardName string `yaml:"DashboardName"`
			DisplayName   string `yaml:"DisplayName"`
			Charts        []struct {
				Title  string         `yaml:"title"`
				Type   string         `yaml:"type"`
				Action map[string]any `yaml:"action"`
				Search struct {
					Logstore, Topic, Query, Start, End string
				} `yaml:"search"`
				Display struct {
					DisplayName string   `yaml:"displayName"`
					XAxis       []string `yaml:"xAxis"`
					YAxis       []string `yaml:"yAxis"`
					XPos        int      `yaml:"xPos"`
					YPos        int      `yaml:"yPos"`
					Width       int      `yaml:"width"`
					Height      int      `yaml:"height"`
				} `yaml:"display"`
			} `yaml:"Charts"`
		}
		err := strict(properties, &d)
		for _, c := range d.Charts {
			err = t.observed(err, d.ProjectName, c.Search.Logstore, c.Title, c.Search.Query)
		}
		return err
	default:
		var a alert
		err := strict(lowered(properties), &a)
		if err != nil {
			return err
		}
		for _, q := range a.Detail.Configuration.QueryList {
			err = t.observed(err, a.Project, q.Store, a.Detail.Name, q.Query)
			if q.Project != a.Project || q.Region != region {
				err = fmt.Errorf("%s asks %s in %s", a.Detail.Name, q.Project, q.Region)
			}
		}
		if p := a.Detail.Configuration.PolicyConfiguration; p.ActionPolicyID != "sslvpn-oncall" || len(a.Detail.Configuration.SeverityConfigurations) != 1 {
			return fmt.Errorf("%s tells %+v", a.Detail.Name, p)
		}
		return err
	}
}

// observed notes a query, which must be of the function's log.
func (t *template) observed(err error, project, logstore, name, query string) error {
	if err == nil && (name == "" || query == "") {
		err = fmt.Errorf("%q has the query %q", name, query)
	}
	t.Observed = append(t.Observed, project+"/"+logstore)
	return err
}

// alert are the properties of ALIYUN::SLS::Alert, in the spelling of lowered.
type alert struct {
	Project string `yaml:"Project"`
	Detail  struct {
		Name, DisplayName, Description, Type string
		Schedule                             struct {
			Type, Interval string
			Delay          int
			RunImmediately bool
		}
		Configuration struct {
			Version, Type, Dashboard                 string
			Threshold, NoDataSeverity                int
			SendResolved, NoDataFire, AutoAnnotation bool
			QueryList                                []struct {
				StoreType, Project, Store, Region, Query, TimeSpanType, Start, End, PowerSQLMode string
			}
			SeverityConfigurations []struct {
				Severity      int
				EvalCondition struct{ Condition, CountCondition string }
			}
			GroupConfiguration struct {
				Type   string
				Fields []string
			}
			Annotations, Labels []struct{ Key, Value string }
			PolicyConfiguration struct{ AlertPolicyID, ActionPolicyID, RepeatInterval string }
		}
	} `yaml:"Detail"`
}

// lowered gives the members of a tree the spelling that decoding expects of fields without a
// name of their own: small letters. The top members keep theirs.
func lowered(v any) any {
	top, _ := v.(map[string]any)
	out := map[string]any{}
	for k, inner := range top {
		out[k] = lower(inner)
	}
	return out
}

func lower(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, inner := range v {
			out[strings.ToLower(k)] = lower(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = lower(v[i])
		}
		return out
	default:
		return v
	}
}
