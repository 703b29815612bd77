package slsquery

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// expr is an expression. Its value is null (nil), an int64, a float64, a string, a time or
// a bool. It is given the lines of a group, and the line for what is outside
// of an aggregate: the first one.
type expr func(group []Line) (any, error)

// selection is a SELECT.
type selection struct {
	columns    []column
	groupBy    []expr
	grouped    bool
	orderBy    string
	descending bool
	limit      int
}

type column struct {
	name      string
	expr      expr
	aggregate bool
}

func (s *selection) names() []string {
	var out []string
	for _, c := range s.columns {
		out = append(out, c.name)
	}
	return out
}

type sqlParser struct {
	parser
	index     Index
	query     *Query
	aggregate bool // the expression has an aggregate
	inside    bool // of an aggregate
}

func parseSelect(text string, index Index, q *Query) (*selection, error) {
	tokens, err := lex(text, false)
	if err != nil {
		return nil, err
	}
	p := &sqlParser{parser: parser{tokens: tokens}, index: index, query: q}
	s := &selection{limit: 100} // as the service, without a limit
	if err := p.need("select"); err != nil {
		return nil, err
	}
	for {
		c, err := p.column()
		if err != nil {
			return nil, err
		}
		s.columns = append(s.columns, c)
		if !p.word(",") {
			break
		}
	}
	if err := p.clauses(s); err != nil {
		return nil, err
	}
	if p.peek().kind != 0 {
		return nil, fmt.Errorf("unexpected %q", p.peek().text)
	}
	return s, s.check()
}

// column is an expression with the name that every column must have.
func (p *sqlParser) column() (column, error) {
	p.aggregate = false
	e, err := p.or()
	if err == nil {
		err = p.need("as")
	}
	name := p.next()
	if err == nil && (name.kind != 'i' || reserved(name.text)) {
		err = fmt.Errorf("%q is no name of a column", name.text)
	}
	return column{name.text, e, p.aggregate}, err
}

// reserved reports whether a word cannot be the name of a column without quotes.
func reserved(name string) bool {
	return slices.Contains(strings.Fields("select from where group order by limit as and or not in is null case when then else end distinct having like between join on using "+
		"true false union values with exists cast cross except extract for full inner insert intersect into left natural outer right table constraint create delete describe drop execute escape "+
		"current_date current_time current_timestamp current_user localtime localtimestamp normalize prepare recursive rollup uescape unnest grouping cube deallocate alter"), strings.ToLower(name))
}

func (p *sqlParser) clauses(s *selection) error {
	if p.word("group") {
		if err := p.grouping(s); err != nil {
			return err
		}
	}
	if p.word("order") {
		if err := p.need("by"); err != nil {
			return err
		}
		i, err := p.named(s)
		if err != nil {
			return err
		}
		s.orderBy = s.columns[i].name
		s.descending = p.word("desc")
	}
	if p.word("limit") {
		n, err := strconv.Atoi(p.next().text)
		if err != nil || n < 1 {
			return fmt.Errorf("the limit is not a number: %w", err)
		}
		s.limit = n
	}
	return nil
}

// grouping is what follows GROUP.
func (p *sqlParser) grouping(s *selection) error {
	s.grouped = true
	if err := p.need("by"); err != nil {
		return err
	}
	for {
		i, err := p.named(s)
		if err != nil {
			return err
		}
		if s.columns[i].aggregate {
			return fmt.Errorf("%s is grouped by, and has an aggregate", s.columns[i].name)
		}
		s.groupBy = append(s.groupBy, s.columns[i].expr)
		if !p.word(",") {
			return nil
		}
	}
}

// named is the column that the next token names.
func (p *sqlParser) named(s *selection) (int, error) {
	t := p.next()
	for i, c := range s.columns {
		if t.kind == 'i' && c.name == t.text {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%q is not a column of the result", t.text)
}

// check refuses columns that are neither grouped by nor aggregates.
func (s *selection) check() error {
	aggregates := slices.ContainsFunc(s.columns, func(c column) bool { return c.aggregate })
	if !s.grouped && !aggregates {
		return nil
	}
	plain := 0
	for _, c := range s.columns {
		if !c.aggregate {
			plain++
		}
	}
	if plain != len(s.groupBy) {
		return fmt.Errorf("%d columns are no aggregates, and %d are grouped by", plain, len(s.groupBy))
	}
	return nil
}

func (s *selection) run(lines []Line) ([]string, []Row, error) {
	groups, err := s.groups(lines)
	if err != nil {
		return nil, nil, err
	}
	var rows []Row
	for _, g := range groups {
		row := Row{}
		for _, c := range s.columns {
			v, err := c.expr(g)
			if err != nil {
				return nil, nil, err
			}
			row[c.name] = v
		}
		rows = append(rows, row)
	}
	if s.orderBy != "" {
		slices.SortStableFunc(rows, func(a, b Row) int {
			c := compare(a[s.orderBy], b[s.orderBy])
			if s.descending {
				return -c
			}
			return c
		})
	}
	return s.names(), rows[:min(len(rows), s.limit)], nil
}

// groups splits the lines: one group for each any of what is grouped by, one for all
// aggregates, or one for each line.
func (s *selection) groups(lines []Line) ([][]Line, error) {
	if !s.grouped {
		if slices.ContainsFunc(s.columns, func(c column) bool { return c.aggregate }) {
			return [][]Line{lines}, nil
		}
		var out [][]Line
		for _, l := range lines {
			out = append(out, []Line{l})
		}
		return out, nil
	}
	var keys []string
	byKey := map[string][]Line{}
	for _, l := range lines {
		var parts []string
		for _, e := range s.groupBy {
			v, err := e([]Line{l})
			if err != nil {
				return nil, err
			}
			parts = append(parts, fmt.Sprintf("%T %v", v, v))
		}
		key := strings.Join(parts, "\x00")
		if byKey[key] == nil {
			keys = append(keys, key)
		}
		byKey[key] = append(byKey[key], l)
	}
	var out [][]Line
	for _, k := range keys {
		out = append(out, byKey[k])
	}
	return out, nil
}

// compare orders values; null is last.
func compare(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	if x, ok := number(a); ok {
		if y, ok := number(b); ok {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	default:
		return 0, false
	}
}
