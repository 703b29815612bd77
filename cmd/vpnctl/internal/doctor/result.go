package doctor

// Outcome is what a check found.
type Outcome string

// The outcomes.
const (
	OK         Outcome = "ok"
	Finding    Outcome = "finding"
	NotChecked Outcome = "not-checked"
)

// Result is the result of a check, as programs get it.
type Result struct {
	Assumption

	Outcome Outcome `json:"result"`
	Found   string  `json:"found"` // what was seen, or why nothing was
}

// result is a result of the catalogue's check of a name.
func result(check string, out Outcome, found string) Result {
	for _, a := range Catalogue() {
		if a.Check == check {
			return Result{a, out, found}
		}
	}
	return Result{Assumption{Check: check}, out, found}
}

// judge is a finding if there are problems, and else OK.
func judge(check string, problems []string, fine string) Result {
	if len(problems) == 0 {
		return result(check, OK, fine)
	}
	return result(check, Finding, join(problems))
}
