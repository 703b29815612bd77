package command

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Rule is the name of a rule that a line must follow. Names are as stable as those
// of package change, whose rules the values follow.
type Rule string

// The rules of lines.
const (
	RuleEmpty               Rule = "empty"
	RuleEncoding            Rule = "encoding"
	RuleTooLong             Rule = "too-long"
	RuleTooManyItems        Rule = "too-many-items"
	RuleLineBreak           Rule = "line-break"
	RuleControlCharacter    Rule = "control-character"
	RuleBidiCharacter       Rule = "bidi-character"
	RuleUnclosedQuote       Rule = "unclosed-quote"
	RuleStrayQuote          Rule = "stray-quote"
	RuleUnknownVerb         Rule = "unknown-verb"
	RuleMissingServer       Rule = "missing-server"
	RuleBadServer           Rule = "bad-server"
	RuleChangeForServer     Rule = "change-for-server"
	RuleMissingChange       Rule = "missing-change"
	RuleBadChange           Rule = "bad-change"
	RuleBadCode             Rule = "bad-code"
	RuleBadExtension        Rule = "bad-extension"
	RuleRegionWithoutServer Rule = "region-without-server"
	RuleNoSettings          Rule = "no-settings"
	RuleUnexpectedWord      Rule = "unexpected-word"
	RuleUnknownKey          Rule = "unknown-key"
	RuleNoKeys              Rule = "no-keys"
	RuleMisplacedKey        Rule = "misplaced-key"
	RuleDuplicateKey        Rule = "duplicate-key"
	RuleSpacesAroundEquals  Rule = "spaces-around-equals"
	RuleColonForEquals      Rule = "colon-for-equals"
	RuleMissingValue        Rule = "missing-value"
	RuleNotANumber          Rule = "not-a-number"
	RuleNotAFlag            Rule = "not-a-flag"
	RuleTimeFormat          Rule = "time-format"
	RuleLimitRange          Rule = "limit-range"
	RuleSinceFormat         Rule = "since-format"
	RuleUnknownStatus       Rule = "unknown-status"
	RuleFilterOfChange      Rule = "filter-of-change"
	RuleOtherTool           Rule = "other-tool"
)

// template is the text of a problem, with its parameters in braces.
func (p Problem) template(tag lang.Tag) string {
	if text := p.variant(tag); text != "" {
		return text
	}
	return p.Rule.template(tag)
}

// variant is the text of a rule where a parameter decides about it; "" elsewhere.
func (p Problem) variant(tag lang.Tag) string {
	near, hasNear := p.Params["near"]
	text := [2]string{}
	switch {
	case p.Rule == RuleUnknownVerb && hasNear && near == "":
		text = [2]string{"There is no command {verb}. help lists all commands.", "没有 {verb} 这个命令。“帮助”列出全部命令。"}
	case p.Rule == RuleUnknownKey && hasNear && near == "":
		text = [2]string{"There is no key {key}. help {verb} shows the keys.", "没有 {key} 这个键。“帮助 {verb}”列出可用的键。"}
	case p.Rule == RuleTimeFormat && p.Params["missing"] == "date":
		text = [2]string{
			"{key}: {value} has no date. Write date, time and zone, as in {example}, or for your own time zone the time of day alone, such as `02:00`.",
			"{key}：{value} 没有日期。请写明日期、时间和时区，例如 {example}；按你自己的时区，可只写时间，例如 `02:00`。",
		}
	case p.Rule == RuleTimeFormat && p.Params["missing"] == "clock":
		text = [2]string{"{key}: {value} has no time of day. Write it as {example}", "{key}：{value} 没有写几点。请写成 {example}"}
	case p.Rule == RuleTimeFormat && p.Params["missing"] == "zone":
		text = [2]string{
			"{key}: {value} has no zone. Add +08:00 for China, or Z for UTC, as in {example}",
			"{key}：{value} 没有时区。北京时间请加 +08:00，UTC 请加 Z，例如 {example}",
		}
	case p.Rule == RuleOtherTool && p.Params["line"] == "":
		text = [2]string{
			"This is written for {tool}, and was not executed. Commands look like `apply vss-bp18q7 port=1195`; `help` lists all.",
			"这是 {tool} 的写法，未执行。命令形如 `变更 vss-bp18q7 端口=1195`；“`帮助`”列出全部命令。",
		}
	case p.Rule == RuleEncoding && p.Params["code"] != "":
		text = [2]string{
			"Character {column} is {code} ({name}), which is not shown as such. Type the command again.",
			"第 {column} 个字符是不可见或会改变显示的字符 {code}。请重新输入。",
		}
	case p.Rule == RuleLineBreak && p.Params["code"] != "":
		text = [2]string{
			"Character {column} is {code} ({name}): the message has more than one line, and nothing was executed. Send one command on one line.",
			"第 {column} 个字符是换行符 {code}：消息不止一行，未执行任何操作。一条消息只能有一条命令，并写在一行里。",
		}
	}
	if tag == lang.Chinese {
		return text[1]
	}
	return text[0]
}

func (r Rule) template(tag lang.Tag) string {
	if tag == lang.Chinese {
		return lookUp(chineseRules, string(r))
	}
	return lookUp(englishRules, string(r))
}

// englishRules has the English text of each rule, a line each.
const englishRules = "" +
	"other-tool\tThis is written for {tool}, and was not executed. Here it is written: {line}\n" +
	"empty\tThere is no command. Send help to list all commands.\n" +
	"encoding\tThe line is not valid UTF-8. Send it as UTF-8.\n" +
	"too-long\tThe command has {bytes} bytes, and {most} are allowed. Shorten the reason, or submit a change file.\n" +
	"too-many-items\tThe command has {items} words and settings, and {most} are allowed. Remove some, or submit a change file.\n" +
	"line-break\tThe message has more than one line, and nothing was executed. Send one command on one line.\n" +
	"control-character\tCharacter {column} is the invisible control character {code}. Type the command again.\n" +
	"bidi-character\tCharacter {column} is {code}, which changes the reading order. Type the command again.\n" +
	"unclosed-quote\tThe quote {quote} is not closed. Close it with {end}; put a text with an apostrophe between “ and ”.\n" +
	"stray-quote\tThe quote {quote} has no opening quote. Put the whole value between “ and ”.\n" +
	"unknown-verb\tThere is no command {verb}. The nearest is {near}; help lists all commands.\n" +
	"missing-server\t{verb} needs a server. Write its id or name: `{verb} vss-…`\n" +
	"bad-server\t{word} is neither the id nor the name of a server. An id looks like `vss-bp18q7`; a name has at most 64 characters: letters, digits, Chinese characters, `-`, `_` and `.`.\n" +
	"change-for-server\t{word} is the id of a change. {verb} needs a server: `{verb} vss-…`; `status {word}` shows the change.\n" +
	"missing-change\t{verb} needs the id of a change. Write `{verb} 20261122-7f3akqxcd2`; `history vss-…` lists the ids of a server.\n" +
	"bad-change\t{word} is not the id of a change. An id looks like `20261122-7f3akqxcd2` or `20261122-7f3akqxcd2-2`; `history vss-…` lists the ids of a server.\n" +
	"bad-code\t{word} is not a code. A code has 8 of the characters a to z and 2 to 7; copy it from the plan.\n" +
	"bad-extension\t{word} is not a time from 1m to 24h. Write how much longer the change may be confirmed, such as `20m`; write nothing to confirm it.\n" +
	"region-without-server\t{key} needs a server. Write `status vss-… region=…`, or remove it.\n" +
	"no-settings\t{verb} needs at least one setting, such as `port=1195`.\n" +
	"unexpected-word\t{word} is unexpected. Write settings as key=value; put a value with blanks between “ and ”.\n" +
	"unknown-key\tThere is no key {key}. The nearest is {near}.\n" +
	"no-keys\t{verb} accepts no keys. Remove {key}.\n" +
	"misplaced-key\t{verb} does not accept {key}. It belongs to {verbs}.\n" +
	"duplicate-key\t{key} repeats {first}. Keep one of the two.\n" +
	"spaces-around-equals\tThere is a blank next to the =. Write it without: {example}\n" +
	"colon-for-equals\t{word} has a colon in place of the =. Write {example}\n" +
	"missing-value\t{key} has no value. Write it as {example}\n" +
	"not-a-number\t{key}: {value} is not a whole number. Write decimal digits, such as 1195.\n" +
	"not-a-flag\t{key}: {value} is neither true nor false. Write true or false, on or off, yes or no.\n" +
	"time-format\t{key}: {value} is not a time. Write it as `2026-11-23T02:00+08:00`, `02:00`, `+2h`, `tomorrow-02:00` or `sat-02:00`.\n" +
	"limit-range\t{key}: {value} is not a number from 1 to {most}.\n" +
	"since-format\t{key}: {value} is neither a time ago nor a time. Write how long ago, such as `24h` or `7d`, or a time such as `2026-11-23T02:00:00+08:00`.\n" +
	"unknown-status\t{key}: there is no status {value}. Write waiting, ended, applied, unchanged, planned, rejected, superseded, failed, expired or cancelled; several with commas.\n" +
	"filter-of-change\t{key} narrows a list, and this shows one change. Remove it, or remove the id.\n"

// chineseRules has the Chinese text of each rule, a line each.
const chineseRules = "" +
	"other-tool\t这是 {tool} 的写法，未执行。在这里请写：{line}\n" +
	"empty\t没有命令。发送“帮助”可查看全部命令。\n" +
	"encoding\t这一行不是 UTF-8 编码。请用 UTF-8 发送。\n" +
	"too-long\t命令有 {bytes} 字节，最多 {most} 字节：请缩短原因，或改用变更文件。\n" +
	"too-many-items\t命令有 {items} 个词和设置，最多 {most} 个。\n" +
	"line-break\t消息不止一行，未执行任何操作。一条消息只能有一条命令，并写在一行里。\n" +
	"control-character\t第 {column} 个字符是不可见的控制字符 {code}。请重新输入。\n" +
	"bidi-character\t第 {column} 个字符 {code} 会改变阅读顺序。请重新输入。\n" +
	"unclosed-quote\t引号 {quote} 没有结束。请用 {end} 结束；含撇号的文字请放在 “ 和 ” 之间。\n" +
	"stray-quote\t引号 {quote} 没有对应的开头。请把整个值放在 “ 和 ” 之间。\n" +
	"unknown-verb\t没有 {verb} 这个命令。最接近的是 {near}；“帮助”列出全部命令。\n" +
	"missing-server\t{verb} 需要指定服务端。请写 ID 或名称：`{verb} vss-…`\n" +
	"bad-server\t{word} 既不是服务端的 ID，也不是名称。ID 形如 `vss-bp18q7`；名称由字母、数字、汉字、`-`、`_`、`.` 组成，最多 64 个字符。\n" +
	"change-for-server\t{word} 是变更 ID。{verb} 需要的是服务端：`{verb} vss-…`；查看变更请用：`状态 {word}`\n" +
	"missing-change\t{verb} 需要变更 ID，例如 `{verb} 20261122-7f3akqxcd2`；用“`历史 vss-…`”可列出服务端的变更 ID。\n" +
	"bad-change\t{word} 不是变更 ID。变更 ID 形如 `20261122-7f3akqxcd2` 或 `20261122-7f3akqxcd2-2`；用“`历史 vss-…`”可列出服务端的变更 ID。\n" +
	"bad-code\t{word} 不是校验码。校验码有 8 个字符，只含 a 到 z 和 2 到 7；请从预览结果中复制。\n" +
	"bad-extension\t{word} 不是 1m 到 24h 的时长。请写延长多久，例如 `20m`；不写则表示确认。\n" +
	"region-without-server\t{key} 要和服务端一起写。请写：`状态 vss-… 地域=…`，或去掉它。\n" +
	"no-settings\t{verb} 至少需要一项设置，例如 `端口=1195`。\n" +
	"unexpected-word\t{word} 是多余的。设置请写成 键=值；含空格的值请放在 “ 和 ” 之间。\n" +
	"unknown-key\t没有 {key} 这个键。最接近的是 {near}。\n" +
	"no-keys\t{verb} 不支持任何键。请去掉 {key}。\n" +
	"misplaced-key\t{verb} 不支持 {key}。它用于 {verbs}。\n" +
	"duplicate-key\t{key} 与前面的 {first} 重复。请只保留一个。\n" +
	"spaces-around-equals\t= 旁边有空格。请去掉空格：{example}\n" +
	"colon-for-equals\t{word} 用了冒号，应使用 =。请写 {example}\n" +
	"missing-value\t{key} 没有值。请写成 {example}\n" +
	"not-a-number\t{key}：{value} 不是整数。请写十进制数字，例如 1195。\n" +
	"not-a-flag\t{key}：{value} 不是开关值。请写 开 或 关、是 或 否、true 或 false。\n" +
	"time-format\t{key}：{value} 不是时间。请写成 `2026-11-23T02:00+08:00`、`02:00`、`+2h`、`明天02:00` 或 `周六02:00`。\n" +
	"limit-range\t{key}：{value} 不是 1 到 {most} 之间的数字。\n" +
	"since-format\t{key}：{value} 既不是距今的时长，也不是时间。请写 `24h`、`7天`，或 `2026-11-23T02:00:00+08:00`。\n" +
	"unknown-status\t{key}：没有状态 {value}。可用：等待中、已结束、已应用、无需变更、试运行、已驳回、已被取代、失败、已过期、已取消；多个用逗号分隔。\n" +
	"filter-of-change\t{key} 用于筛选列表，而这里查看的是一个变更。请去掉它，或去掉变更 ID。\n"

// lookUp finds the text of a name in a table: a line for each, with a tab between.
func lookUp(table, name string) string {
	for line := range strings.Lines(table) {
		if text, ok := strings.CutPrefix(line, name+"\t"); ok {
			return strings.TrimSuffix(text, "\n")
		}
	}
	return ""
}
