package command

import (
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// KeyHelp is the help on one key of a verb.
type KeyHelp struct {
	Example string // as it is typed: the key, and a value that is accepted
	Says    string // what its values are
}

// KeysOf explains the keys that a verb accepts, in Chinese or else in English: the
// settings first, then the options.
func KeysOf(v Verb, tag lang.Tag) []KeyHelp {
	var out []KeyHelp
	for _, k := range Keys() {
		if !slices.Contains(k.Verbs, v) {
			continue
		}
		en, zh, _ := strings.Cut(lookUp(keyValues, k.Name), "\t")
		h := KeyHelp{k.Name + "=" + exampleOf(k), en}
		if tag == lang.Chinese {
			h = KeyHelp{k.chinese() + "=" + chineseExample(k), zh}
		}
		out = append(out, h)
	}
	return out
}

// chinese is the key as Chinese commands write it.
func (k Key) chinese() string {
	for _, w := range k.Words {
		if lang.Of(w, "") == lang.Chinese {
			return w
		}
	}
	return k.Name
}

// chineseExample is exampleOf as Chinese commands write it.
func chineseExample(k Key) string {
	switch k.Name {
	case keyAt:
		return "明天02:00"
	case keyUntil:
		return "+4小时"
	case keyConfirm:
		return "10分钟"
	case keyWhen:
		return "空闲(5)"
	case keyOverride:
		return "双十一"
	case keyStatus:
		return "失败"
	case keySince:
		return "7天"
	}
	switch example := exampleOf(k); example {
	case "true":
		return "是"
	case "false":
		return "否"
	default:
		return example
	}
}

// keyValues says of each key what its values are, in English and Chinese, a line each.
const keyValues = "" +
	"name\t2 to 100 characters\t2 到 100 个字符\n" +
	"client_ip_pool\tone network, /16 to /29\t一个网段，/16 到 /29\n" +
	"local_subnet\t1 to 5 networks, with commas\t1 到 5 个网段，用逗号分隔\n" +
	"proto\tTCP or UDP\tTCP 或 UDP\n" +
	"port\t1 to 65535, except reserved ports\t1 到 65535，保留端口除外\n" +
	"cipher\tAES-128-CBC, AES-192-CBC, AES-256-CBC or none\tAES-128-CBC、AES-192-CBC、AES-256-CBC 或 none\n" +
	"compress\tyes or no\t是或否\n" +
	"mfa\tmulti-factor authentication, yes or no\t双因子认证，是或否\n" +
	"idaas_instance_id\tfrom the IDaaS console\t从 IDaaS 控制台复制\n" +
	"idaas_region_id\tfrom the IDaaS console\t从 IDaaS 控制台复制\n" +
	"idaas_application_id\tfrom the IDaaS console\t从 IDaaS 控制台复制\n" +
	"region\tthe region of the server\t服务端所在地域\n" +
	"reason\tat most 500 characters\t最多 500 个字符\n" +
	"ref\tyour ticket\t工单编号\n" +
	"at\twhen it is due, also 02:00, +2h, sat-02:00\t何时执行，也可写 02:00、+2小时、周六02:00\n" +
	"until\twhen it expires, likewise\t何时过期，写法相同\n" +
	"dry_run\tsends nothing\t不下发修改\n" +
	"confirm\tundone unless confirmed in time, also proof\t逾期未确认则撤销，也可写探测\n" +
	"when\twaits for fewer clients than that\t等到客户端少于此数\n" +
	"proof\tprobes the server before and after\t变更前后探测服务端\n" +
	"override\tthe name of a freeze that is not to be waited for; needs a reason\t不等其结束的封网名称，须说明原因\n" +
	"limit\t1 to 20\t1 到 20\n" +
	"by\tperson or account\t人员或账号\n" +
	"status\tsuch as waiting, ended, failed; several with commas\t例如等待中、已结束、失败；多个用逗号分隔\n" +
	"since\thow long ago, or a time\t距今多久，或时间\n" +
	"more\tcopied from the answer before\t从上一个回答复制\n"
