package slsquery

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// call is a call of a function, whose name and parenthesis were read.
func (p *sqlParser) call(name string) (expr, error) {
	switch name {
	case "count", "count_if", "sum", "max", "min", "avg", "approx_percentile", "max_by":
		if p.inside {
			return nil, fmt.Errorf("%s is inside of another aggregate", name)
		}
		p.aggregate, p.inside = true, true
		defer func() { p.inside = false }()
		return p.aggregation(name)
	case "from_unixtime", "date_format", "date_trunc", "coalesce", "round":
		args, err := p.arguments()
		return scalar(name, args), err
	default:
		return nil, fmt.Errorf("the function %s is not known here", name)
	}
}

func (p *sqlParser) arguments() (out []expr, err error) {
	for {
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		out = append(out, e)
		if !p.word(",") {
			return out, p.need(")")
		}
	}
}

func (p *sqlParser) aggregation(name string) (expr, error) {
	distinct := name == "count" && p.word("distinct")
	if name == "count" && p.word("*") {
		return func(g []Line) (any, error) { return int64(len(g)), nil }, p.need(")")
	}
	args, err := p.arguments()
	if err != nil {
		return nil, err
	}
	if want := map[string]int{"approx_percentile": 2, "max_by": 2}[name]; want != 0 && want != len(args) {
		return nil, fmt.Errorf("%s takes %d arguments", name, want)
	}
	return func(g []Line) (any, error) {
		columns := make([][]any, len(args))
		for _, l := range g {
			for i, a := range args {
				v, err := a([]Line{l})
				if err != nil {
					return nil, err
				}
				columns[i] = append(columns[i], v)
			}
		}
		return aggregate(name, distinct, columns)
	}, nil
}

func aggregate(name string, distinct bool, columns [][]any) (any, error) {
	if name == "max_by" {
		return maxBy(columns[0], columns[1]), nil
	}
	values := slices.DeleteFunc(slices.Clone(columns[0]), func(v any) bool { return v == nil })
	switch name {
	case "count":
		if distinct {
			seen := map[any]bool{}
			for _, v := range values {
				seen[v] = true
			}
			return int64(len(seen)), nil
		}
		return int64(len(values)), nil
	case "count_if":
		n := int64(0)
		for _, v := range values {
			if v == true {
				n++
			}
		}
		return n, nil
	}
	if len(values) == 0 {
		return nil, nil //nolint:nilnil // null
	}
	slices.SortStableFunc(values, compare)
	switch name {
	case "min":
		return values[0], nil
	case "max":
		return values[len(values)-1], nil
	case "approx_percentile":
		part, ok := number(columns[1][0])
		if !ok || part < 0 || part > 1 {
			return nil, fmt.Errorf("%v is not a part of 1", columns[1][0])
		}
		return values[int(part*float64(len(values)-1)+0.5)], nil
	}
	return total(name, values)
}

func total(name string, values []any) (any, error) {
	sum := 0.0
	for _, v := range values {
		n, ok := number(v)
		if !ok {
			return nil, fmt.Errorf("%s of %v, which is not a number", name, v)
		}
		sum += n
	}
	if name == "avg" {
		return sum / float64(len(values)), nil
	}
	return int64(sum), nil
}

// maxBy is the any beside the greatest key.
func maxBy(values, keys []any) any {
	var best any
	var key any
	for i, k := range keys {
		if k != nil && (key == nil || compare(k, key) >= 0) {
			key, best = k, values[i]
		}
	}
	return best
}

// scalar is a function of the values of one line.
func scalar(name string, args []expr) expr {
	return func(g []Line) (any, error) {
		values := make([]any, len(args))
		for i, a := range args {
			v, err := a(g)
			if err != nil {
				return nil, err
			}
			values[i] = v
		}
		if name == "coalesce" {
			i := slices.IndexFunc(values, func(v any) bool { return v != nil })
			if i < 0 {
				return nil, nil
			}
			return values[i], nil
		}
		if slices.Contains(values, nil) {
			return nil, nil
		}
		return apply(name, values)
	}
}

func apply(name string, values []any) (any, error) {
	switch {
	case name == "from_unixtime" && len(values) == 1:
		n, ok := values[0].(int64)
		if !ok {
			return nil, fmt.Errorf("from_unixtime of %v", values[0])
		}
		return time.Unix(n, 0).UTC(), nil
	case name == "date_trunc" && len(values) == 2:
		at, ok := values[1].(time.Time)
		unit := map[any]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[values[0]]
		if !ok || unit == 0 {
			return nil, fmt.Errorf("date_trunc of %v", values)
		}
		return at.Truncate(unit), nil
	case name == "date_format" && len(values) == 2:
		at, ok := values[0].(time.Time)
		form, isText := values[1].(string)
		if !ok || !isText {
			return nil, fmt.Errorf("date_format of %v", values)
		}
		return at.Format(strings.NewReplacer("%Y", "2006", "%m", "01", "%d", "02", "%H", "15", "%i", "04", "%s", "05").Replace(form)), nil
	default:
		return nil, fmt.Errorf("%s of %v", name, values)
	}
}
