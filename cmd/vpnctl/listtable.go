package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/listing"
)

// defaultColumns is the width of a table that no terminal bounds.
const defaultColumns = 80

// width is how many columns a table may have.
func (t *terminal) width() int {
	if t.columns == nil {
		return defaultColumns
	}
	return max(defaultColumns/2, t.columns())
}

// renderList renders changes as two tables that never wrap.
func renderList(p listing.Page, columns int, now time.Time) string {
	waits := table{{"WAITS", "STATUS", "SERVER", "BY", "AGE", "FOR"}}
	ended := table{{"ENDED", "STATUS", "SERVER", "BY", "AGO", "CHANGED"}}
	for _, c := range p.Changes {
		server := c.Name
		if server == "" {
			server = c.ServerID
		}
		row := []string{toType(c.ID), string(c.Status), server, c.By}
		switch {
		case c.Wait != nil:
			waits = append(waits, append(row, span(time.Duration(c.AgeMs)*time.Millisecond), waitsFor(c, now)))
		case c.End != nil:
			ended = append(ended, append(row, span(now.Sub(c.EndedAt)), difference(c)))
		}
	}
	var parts []string
	for _, t := range []table{waits, ended} {
		if len(t) > 1 {
			parts = append(parts, t.render(columns))
		}
	}
	if len(parts) == 0 {
		return "no changes"
	}
	return strings.Join(parts, "\n\n")
}

// toType is as much of an id as people have to type.
func toType(id string) string {
	const most = len("20261122-7f3akq2cd2")
	date, document, index, ok := change.ParseID(id)
	if !ok || len(document) < len("7f3akq2cd2") {
		return id
	}
	short := (date.Format("20060102") + "-" + document)[:most]
	if _, number, ok := strings.Cut(strings.TrimPrefix(id, short), "-"); ok && index > 0 {
		short += "-" + number
	}
	return short
}

// waitsFor says what a change waits for, and until when.
func waitsFor(c listing.Change, now time.Time) string {
	text := c.Why
	switch {
	case c.Cause == "approval" && len(c.Approvers) > 0:
		text = "approval by " + strings.Join(c.Approvers, ", ")
	case c.Cause == "approval":
		text = "approval"
	case c.Cause == "window" && c.Window != nil && !c.Window.Open:
		return waitsToOpen(*c.Window, now)
	case c.Cause == "not-due":
		return "due " + brief(c.DueAt, now)
	}
	if !c.Until.IsZero() {
		text += ", until " + brief(c.Until, now)
	}
	return text
}

// waitsToOpen says when a change may be sent, and what it waits for: the time first,
// because a narrow terminal cuts the rest.
func waitsToOpen(g change.Gate, now time.Time) string {
	text := "window " + strings.Join(g.Windows, ", ")
	if g.Freeze != "" {
		text = "freeze " + g.Freeze
	}
	if g.OpensAt.IsZero() {
		return text + ", does not open within 366 days"
	}
	return "opens " + brief(g.OpensAt, now) + ", " + text + " (in " + span(g.OpensAt.Sub(now)) + ")"
}

// difference is what a change altered, or why it did not.
func difference(c listing.Change) string {
	var parts []string
	if c.Code != "" {
		parts = append(parts, c.Code)
	}
	for _, d := range c.Changed {
		parts = append(parts, string(d.Field)+" "+shown(d.From)+"→"+shown(d.To))
	}
	return strings.Join(parts, ", ")
}

// span is a duration in one unit: "12m", "5h", "3d".
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(max(0, d).Seconds())) + "s"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + "m"
	case d < 2*day:
		return strconv.Itoa(int(d/time.Hour)) + "h"
	default:
		return strconv.Itoa(int(d/day)) + "d"
	}
}

// brief is a time in the zone of now, with its day unless it is today.
func brief(t, now time.Time) string {
	t = t.In(now.Location())
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("01-02 15:04")
}

// table is rows of cells, the first of them the heads.
type table [][]string

// maxCell bounds the columns of a cell that is not the last of its row.
const maxCell = 22

// render aligns the cells. The last one is cut to what is left of the columns.
func (t table) render(columns int) string {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row[:len(row)-1] {
			widths[i] = min(maxCell, max(widths[i], columnsOfText(oneLine(cell))))
		}
	}
	var b strings.Builder
	for n, row := range t {
		var line strings.Builder
		for i, cell := range row {
			if cell = oneLine(cell); i < len(row)-1 {
				cell = fit(cell, widths[i])
				cell += strings.Repeat(" ", max(0, widths[i]-columnsOfText(cell))+1)
			}
			line.WriteString(cell)
		}
		if n > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strings.TrimRight(fit(line.String(), columns-1), " "))
	}
	return b.String()
}

func columnsOfText(s string) int {
	n := 0
	for _, r := range s {
		n += cells(r)
	}
	return n
}
