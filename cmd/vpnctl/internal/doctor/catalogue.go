package doctor

import "slices"

// Assumption is a statement on which the product rests.
type Assumption struct {
	Check     string `json:"check"`
	Statement string `json:"statement"`
	Rests     string `json:"rests"` // what rests on it
	Do        string `json:"do"`    // where it is false
	Where     Where  `json:"where"`
}

// Where says how an assumption is checked.
type Where string

// The places.
const (
	Local    Where = "local"   // on this machine, and by requests that need no consent
	Live     Where = "live"    // by the function, on the account
	ByPeople Where = "by-hand" // by nobody but the operator: the reason says how
)

// Catalogue lists the assumptions in the order of docs/assumptions.md.
func Catalogue() []Assumption {
	return append(append(local(), live()...), byHand()...)
}

func local() []Assumption {
	list := []Assumption{
		{
			Check: "settings", Statement: "The function accepts the settings of .env.deploy.",
			Rests: "a function that refuses its configuration answers every request with 503", Do: "correct the variables that are named, and deploy",
		},
		{
			Check: "file-modes", Statement: "Only their owner can read the files with secrets.",
			Rests: "whoever has a secret requests changes in the name of its sender", Do: "run chmod 600 on the files, and rotate secrets that others may have read",
		},
		{
			Check: "secrets", Statement: "Secrets are random, long enough, and each belongs to one sender.",
			Rests: "a signature proves who sent a request", Do: "make new secrets with vpnctl rotate, or openssl rand -base64 32",
		},
		{
			Check: "policy-file", Statement: "The policy is valid.",
			Rests: "while the policy is invalid, every request is refused", Do: "run vpnctl validate, correct what it names, and put the policy again",
		},
		{
			Check: "deploy-files", Statement: "s.yaml and template.yml have the timeouts, triggers, methods and retries that the function needs, and agree.",
			Rests: "changes begin at once, waits end, and lost events are found", Do: "take the values of this version's files back, and deploy",
		},
		{
			Check: "http-methods", Statement: "GET and POST reach the function.",
			Rests: "every route", Do: "set methods: [GET, POST] in the HTTP trigger, and check the URL",
		},
		{
			Check: "function-clock", Statement: "This machine's clock and the function's agree.",
			Rests: "signatures hold for 5 minutes", Do: "set this machine's clock by NTP",
		},
		{
			Check: "function-version", Statement: "vpnctl and the function are of one version.",
			Rests: "vpnctl validates as the function does, and deploys what it knows", Do: "deploy this version, or use the vpnctl of the function's version",
		},
	}
	return of(Local, list)
}

func live() []Assumption {
	return of(Live, slices.Concat(ofStore(), ofRights(), ofPlatform()))
}

// ofStore are the assumptions about OSS.
func ofStore() []Assumption {
	return []Assumption{
		{
			Check: "create-only", Statement: "Of several writes of one key with x-oss-forbid-overwrite, exactly one succeeds.",
			Rests: "leases, queue entries, claims and records: that a change is made once", Do: "stop: set NO_POLICY=refuse and remove the policy; use a bucket of the class Standard in OSS itself",
		},
		{
			Check: "never-versioned", Statement: "The buckets never had versioning.",
			Rests: "create-only writes: OSS ignores the condition in a bucket that has or had versioning", Do: "use a new bucket: docs/operating.md, A bucket that was versioned",
		},
		{
			Check: "read-after-write", Statement: "A read shows the last write.",
			Rests: "the lane chain, votes and claims", Do: "as for create-only: the store does not keep OSS's promise",
		},
		{
			Check: "list-after-write", Statement: "A listing shows the last write.",
			Rests: "how soon a change begins: a stale listing delays it, and makes nothing false", Do: "report it to OSS; changes wait for the sweep meanwhile",
		},
		{
			Check: "listing-order", Statement: "Listings come in byte order, complete, in pages, behind any key.",
			Rests: "the newest generation of a lane lists first, and due changes in their order", Do: "check OSS_ENDPOINT: another store than OSS answers",
		},
		{
			Check: "store-clock", Statement: "Date and Last-Modified are one clock that never goes back.",
			Rests: "the expiry of leases, and the age of files and claims", Do: "check OSS_ENDPOINT; no proxy may rewrite Date",
		},
		{
			Check: "instance-clock", Statement: "The clocks of the instance and of OSS agree.",
			Rests: "due times, windows, the age of signatures, and what OSS and the VPC API accept", Do: "report it to Function Compute; redeploy to get new instances",
		},
	}
}

// ofRights are the assumptions about the role and the VPC API.
func ofRights() []Assumption {
	return []Assumption{
		{
			Check: "store-rights", Statement: "The role has the rights to objects that the function needs.",
			Rests: "everything that is stored", Do: "give the role the statements of docs/policies/function.json",
		},
		{
			Check: "api-rights", Statement: "The role may make every call of the VPC API that reads.",
			Rests: "plans, verification, the wait for a busy gateway", Do: "give the role the statements of docs/policies/function.json",
		},
		{
			Check: "surplus-rights", Statement: "The role cannot delete records and receipts, write change files, or read private keys.",
			Rests: "records are kept whatever the function does, and its faults request nothing", Do: "remove other policies from the role, and attach the Deny statements of docs/policies/function.json",
		},
		{
			Check: "api-endpoint", Statement: "The VPC API answers in the region of every server.",
			Rests: "every change", Do: "check VPC_ENDPOINT, VPC_REGIONS, and the internet access of the function or its NAT gateway",
		},
		{
			Check: "client-list", Statement: "The clients of every gateway can be listed: it has the tag VisuallySsl.",
			Rests: "guards by connected clients, when idle(N), and who is connected in plans", Do: "update the gateway in the console; changes with when wait until they expire meanwhile",
		},
		{
			Check: "dry-run", Statement: "A dry run of ModifySslVpnServer is answered with DryRunOperation and changes nothing.",
			Rests: "PLAN_DRY_RUN", Do: "set PLAN_DRY_RUN=off",
		},
	}
}

// ofPlatform are the assumptions about Function Compute and its network.
func ofPlatform() []Assumption {
	return []Assumption{
		{
			Check: "delay", Statement: "An invocation with a delay arrives, on time.",
			Rests: "wake-ups: how soon due changes begin and waits end", Do: "allow the role fc:InvokeFunction on the function itself; check WAKE_UPS and WAKE_ENDPOINT",
		},
		{
			Check: "retry", Statement: "An invocation that fails is tried again, under its request id.",
			Rests: "events whose invocation failed, and how a retry recognizes its own lease", Do: "set maxAsyncRetryAttempts to 3; otherwise changes wait for the sweep, or for a lease to expire",
		},
		{
			Check: "wake-trigger", Statement: "Writing a wake object invokes the function.",
			Rests: "how soon a queued change begins", Do: "create the trigger wake of s.yaml or template.yml, and its invocation role",
		},
		{
			Check: "answer-trigger", Statement: "Writing an answer invokes the function.",
			Rests: "how soon a bot answers on platforms that do not display the response", Do: "create the trigger answers of s.yaml or template.yml, and its invocation role",
		},
		{
			Check: "sweep-timer", Statement: "The timer's sweep runs every minute.",
			Rests: "whatever a lost event or a dead worker has left is found", Do: "enable the trigger sweep: docs/operating.md, The sweep does not run",
		},
		{
			Check: "udp", Statement: "The function reaches servers over UDP.",
			Rests: "proofs of servers that use UDP", Do: "allow UDP out of the function's network; proofs say not-checked or silent meanwhile",
		},
		{
			Check: "tcp", Statement: "The function reaches servers over TCP.",
			Rests: "proofs of servers that use TCP", Do: "allow TCP out of the function's network; proofs say not-checked or silent meanwhile",
		},
	}
}

func byHand() []Assumption {
	list := []Assumption{
		{
			Check: "changes-trigger", Statement: "Uploading a change file invokes the function.",
			Rests: "how soon a change file is accepted", Do: "create the trigger change-files of s.yaml or template.yml; the sweep finds files after minutes meanwhile",
		},
		{
			Check: "event-age", Statement: "Asynchronous events live for a day.",
			Rests: "wake-ups of up to an hour, and events during an outage", Do: "set maxAsyncEventAgeInSeconds to 86400",
		},
		{
			Check: "one-at-a-time", Statement: "An instance processes one invocation at a time.",
			Rests: "the memory of an instance suffices, and waits do not add up", Do: "remove instanceConcurrency; the runtime go1 has none",
		},
		{
			Check: "log-index", Statement: "The log store has an index.",
			Rests: "searching the log, dashboards and alerts", Do: "create the index of template.yml",
		},
		{
			Check: "throttling", Statement: "The VPC API throttles with Throttling codes, per action and region.",
			Rests: "how long changes wait when the quota is used up", Do: "look at the codes in the records' attempts, and report others",
		},
	}
	return of(ByPeople, list)
}

func of(where Where, list []Assumption) []Assumption {
	for i := range list {
		list[i].Where = where
	}
	return list
}

// how says how an operator checks what nobody else can.
func how(check, function string) string {
	switch check {
	case "changes-trigger":
		return "the function may not write change files: upload one, and look for its receipt within seconds"
	case "event-age":
		return "the function may not read it: run aliyun fc GetAsyncInvokeConfig --functionName " + function
	case "one-at-a-time":
		return "the function may not read it: run aliyun fc GetFunction --functionName " + function + ", and look for instanceConcurrency"
	case "log-index":
		return "the function may not read it: run aliyun sls GetIndex --project <project> --logstore fc-logs"
	default:
		return "seeing it would throttle changes of the account"
	}
}
