package slsquery

import (
	"fmt"
	"strings"
)

// Query is a query that can be run.
type Query struct {
	// Searched are the conditions of the search, Named the fields of the analysis, and
	// Compared the texts that it compares a field with.
	Searched []Condition
	Named    []string
	Compared []Condition

	search search
	sql    *selection
}

// Condition is a field and a value that is looked for in it.
type Condition struct{ Field, Value string }

// Parse reads a query: a search, and after "|" an analysis. Every field must be in the index.
func Parse(text string, index Index) (*Query, error) {
	q := &Query{}
	search, analysis, ok := strings.Cut(text, "|")
	var err error
	q.search, err = parseSearch(search, index, func(field, value string) { q.Searched = append(q.Searched, Condition{field, value}) })
	if err != nil {
		return nil, fmt.Errorf("in the search: %w", err)
	}
	if !ok {
		return q, nil
	}
	if q.sql, err = parseSelect(analysis, index, q); err != nil {
		return nil, fmt.Errorf("in the analysis: %w", err)
	}
	return q, nil
}

// Matches are the lines that the search finds.
func (q *Query) Matches(lines []Line) []Line {
	var out []Line
	for _, l := range lines {
		if q.search(l) {
			out = append(out, l)
		}
	}
	return out
}

// Row is one row of a result, by column.
type Row map[string]any

// Run runs a query that has an analysis. Columns are in their order.
func (q *Query) Run(lines []Line) (columns []string, rows []Row, err error) {
	return q.sql.run(q.Matches(lines))
}

// Columns are the columns of the analysis.
func (q *Query) Columns() []string { return q.sql.names() }
