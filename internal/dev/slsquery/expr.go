package slsquery

import (
	"fmt"
	"strconv"
	"strings"
)

func (p *sqlParser) or() (expr, error) {
	return p.binary(p.and, map[string]func(a, b any) (any, error){"or": func(a, b any) (any, error) { return a == true || b == true, nil }})
}

func (p *sqlParser) and() (expr, error) {
	return p.binary(p.comparison, map[string]func(a, b any) (any, error){"and": func(a, b any) (any, error) { return a == true && b == true, nil }})
}

// comparison is a sum, or the comparison of two, or [not] in a list.
func (p *sqlParser) comparison() (expr, error) {
	start := p.at
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	field := p.fieldAt(start)
	negated := p.word("not")
	if p.word("in") {
		return p.in(left, field, negated)
	}
	if negated {
		return nil, fmt.Errorf("not before %q", p.peek().text)
	}
	for _, op := range []string{"=", "<>", "!=", "<=", ">=", "<", ">"} {
		if !p.word(op) {
			continue
		}
		p.compared(field)
		right, err := p.sum()
		if err != nil {
			return nil, err
		}
		return func(g []Line) (any, error) {
			a, err := left(g)
			if err != nil {
				return nil, err
			}
			b, err := right(g)
			if a == nil || b == nil {
				return nil, err
			}
			return holds(op, a, b), err
		}, nil
	}
	return left, nil
}

// fieldAt is the field that the expression from a token on is, if it is one.
func (p *sqlParser) fieldAt(start int) string {
	if t := p.tokens[start]; p.at == start+1 && t.kind == 'q' {
		return strings.TrimPrefix(t.text, "message.")
	}
	return ""
}

// compared notes the text that a field is compared with.
func (p *sqlParser) compared(field string) {
	if t := p.peek(); t.kind == 's' && field != "" {
		p.query.Compared = append(p.query.Compared, Condition{field, t.text})
	}
}

func holds(op string, a, b any) bool {
	c := compare(a, b)
	switch op {
	case "=":
		return c == 0
	case "<>", "!=":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	default:
		return c >= 0
	}
}

func (p *sqlParser) in(left expr, field string, negated bool) (expr, error) {
	if err := p.need("("); err != nil {
		return nil, err
	}
	all := map[string]bool{}
	for {
		p.compared(field)
		all[p.next().text] = true
		if !p.word(",") {
			break
		}
	}
	return func(g []Line) (any, error) {
		v, err := left(g)
		if v == nil {
			return nil, err
		}
		return all[fmt.Sprint(v)] != negated, err
	}, p.need(")")
}

func (p *sqlParser) sum() (expr, error) {
	return p.binary(p.product, map[string]func(a, b any) (any, error){
		"+": arithmetic(func(a, b int64) int64 { return a + b }, func(a, b float64) float64 { return a + b }),
		"-": arithmetic(func(a, b int64) int64 { return a - b }, func(a, b float64) float64 { return a - b }),
	})
}

func (p *sqlParser) product() (expr, error) {
	return p.binary(p.atom, map[string]func(a, b any) (any, error){
		"*": arithmetic(func(a, b int64) int64 { return a * b }, func(a, b float64) float64 { return a * b }),
		"/": arithmetic(func(a, b int64) int64 { return a / b }, func(a, b float64) float64 { return a / b }),
		"%": arithmetic(func(a, b int64) int64 { return a % b }, func(a, _ float64) float64 { return a }),
	})
}

func arithmetic(whole func(a, b int64) int64, fractional func(a, b float64) float64) func(a, b any) (any, error) {
	return func(a, b any) (any, error) {
		if a == nil || b == nil {
			return nil, nil
		}
		x, isWhole := a.(int64)
		y, both := b.(int64)
		if isWhole && both {
			return whole(x, y), nil
		}
		u, ok := number(a)
		v, also := number(b)
		if !ok || !also {
			return nil, fmt.Errorf("%v and %v are not numbers", a, b)
		}
		return fractional(u, v), nil
	}
}

// binary is operands with operators of one rank between them.
func (p *sqlParser) binary(operand func() (expr, error), operators map[string]func(a, b any) (any, error)) (expr, error) {
	left, err := operand()
	for err == nil {
		op := operators[strings.ToLower(p.peek().text)]
		if k := p.peek().kind; op == nil || k != 'i' && k != 'o' {
			return left, nil
		}
		p.next()
		one := left
		right, failed := operand()
		err = failed
		left = func(g []Line) (any, error) {
			a, err := one(g)
			if err != nil {
				return nil, err
			}
			b, err := right(g)
			if err != nil {
				return nil, err
			}
			return op(a, b)
		}
	}
	return left, err
}

// atom is a field, a literal, a call or an expression in parentheses.
func (p *sqlParser) atom() (expr, error) {
	t := p.next()
	switch {
	case t.kind == 's':
		return func([]Line) (any, error) { return t.text, nil }, nil
	case t.kind == 'n':
		return literal(t.text)
	case t.kind == 'o' && t.text == "(":
		e, err := p.or()
		if err == nil {
			err = p.need(")")
		}
		return e, err
	case t.kind == 'q':
		return p.field(t.text)
	case t.text == "__time__":
		return func(g []Line) (any, error) {
			if len(g) == 0 {
				return nil, nil //nolint:nilnil // null
			}
			return g[0].Time, nil
		}, nil
	case t.kind == 'i' && p.word("("):
		return p.call(strings.ToLower(t.text))
	default:
		return nil, fmt.Errorf("unexpected %q", t.text)
	}
}

func literal(text string) (expr, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return func([]Line) (any, error) { return n, nil }, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	return func([]Line) (any, error) { return f, nil }, err
}

// field is "message.name".
func (p *sqlParser) field(text string) (expr, error) {
	name, ok := strings.CutPrefix(text, "message.")
	kind := p.index[name]
	if !ok || kind == "" {
		return nil, fmt.Errorf("%q is not an indexed field", text)
	}
	p.query.Named = append(p.query.Named, name)
	return func(g []Line) (any, error) {
		if len(g) == 0 || g[0].Fields[name] == nil {
			return nil, nil //nolint:nilnil // null
		}
		v := g[0].Fields[name]
		f, isNumber := v.(float64)
		switch {
		case kind == "long" && isNumber && f == float64(int64(f)):
			return int64(f), nil
		case kind == "long":
			return nil, nil //nolint:nilnil // what is no number is not indexed as one
		default:
			return textOf(v), nil
		}
	}, nil
}
