package handler

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

const receiptsPath = "/v1/receipts"

// The bounds of GET /v1/receipts: how many receipts it shows, and the length of a key in
// OSS, in bytes.
const (
	defaultReceipts = 1
	maxReceipts     = 20
	maxKey          = 1023
)

// getReceipts shows the receipts of the last uploads of a change file, the newest first.
func (c *invocation) getReceipts(ctx context.Context, s Services, r request) response {
	file, n, problems := readReceipts(r.Query)
	if len(problems) > 0 {
		return problem(422, "invalid", "The query breaks rules.", "Ask as in GET /v1/receipts?path=changes/hotel.yaml.", problems...)
	}
	if _, no := c.read(ctx, r, func(from policy.Account) (executor.Answer, error) { return s.Executor().ReadsAll(ctx, from) }); no != nil {
		return *no
	}
	found, err := s.Receipts.Newest(ctx, file, n)
	if err != nil {
		return c.unavailable(ctx, err)
	}
	if len(found) == 0 {
		return problem(404, "no-receipt", "There is no receipt of this file.",
			"A file below changes/ gets its receipt within seconds after its upload, at the latest within a few minutes. Names are case-sensitive.")
	}
	if res := reply(200, map[string][]record.Receipt{"receipts": found}); len(res.Body) <= maxAnswer {
		return res
	}
	return problem(413, "too-large", "The answer would be too large.", "Ask for one receipt, with limit=1.")
}

// readReceipts reads the parameters.
func readReceipts(query map[string]string) (file string, n int, problems []change.Problem) {
	const paramPath, paramLimit = "path", "limit"
	file, n = query[paramPath], defaultReceipts
	for name, value := range query {
		var err error
		switch name {
		case paramPath:
		case paramLimit:
			if n, err = strconv.Atoi(value); err != nil || n < 1 || n > maxReceipts {
				problems = append(problems, change.Problem{Path: name, Rule: change.RuleWrongType, Message: "limit is not 1 to " + strconv.Itoa(maxReceipts), Hint: "write the number of receipts"})
			}
		default:
			problems = append(problems, change.Problem{Path: name, Rule: document.RuleUnknownKey, Message: "there is no parameter " + document.ShownKey(name), Hint: "the parameters are path and limit"})
		}
	}
	name, below := strings.CutPrefix(file, objects.Files)
	switch {
	case file == "":
		problems = append(problems, change.Problem{Path: paramPath, Rule: change.RuleRequired, Message: "the parameter path is missing", Hint: "write the key of the file, such as changes/hotel.yaml"})
	case !below || name == "" || len(file) > maxKey || !utf8.ValidString(file):
		problems = append(problems, change.Problem{Path: paramPath, Rule: change.RuleWrongType, Message: "path is not the key of a change file", Hint: "write the whole key, which begins with " + objects.Files + ", such as changes/hotel.yaml"})
	}
	return file, n, document.Bounded(problems)
}
