package config

// Names of the variables.
const (
	changeBucket   = "CHANGE_BUCKET"
	recordBucket   = "RECORD_BUCKET"
	ossEndpoint    = "OSS_ENDPOINT"
	vpcEndpoint    = "VPC_ENDPOINT"
	vpcRegions     = "VPC_REGIONS"
	wakeUps        = "WAKE_UPS"
	wakeEndpoint   = "WAKE_ENDPOINT"
	webhookSecrets = "WEBHOOK_SECRETS"
	waitBudget     = "WAIT_BUDGET"
	maxLanes       = "MAX_LANES"
	noPolicy       = "NO_POLICY"
	policyEditors  = "POLICY_EDITORS"
	planDryRun     = "PLAN_DRY_RUN"
	functionVPC    = "FUNCTION_VPC_ID"
	timeZone       = "TIME_ZONE"
	logLevel       = "LOG_LEVEL"
	chatEndpoint   = "CHAT_ENDPOINT"
)

// Variable documents one variable of the environment.
type Variable struct {
	Name     string
	Required bool
	Default  string // what an unset or empty variable means; "" when Required
	Meaning  string
}

// Variables lists every variable that Load reads, in the order of the
// documentation.
func Variables() []Variable {
	return append([]Variable{
		{changeBucket, true, "", "the bucket that holds change files, the queue, lanes and receipts; never versioned"},
		{recordBucket, false, "the value of CHANGE_BUCKET", "the bucket of the records below results/; never versioned, may be under a retention policy"},
		{ossEndpoint, false, "https://oss-<region>-internal.aliyuncs.com", "the OSS endpoint; plain http for loopback addresses only"},
		{vpcEndpoint, false, "by region", "one VPC API endpoint for every region; plain http for loopback addresses only"},
		{vpcRegions, false, "none: the published regions", "comma-separated regions whose servers may be changed, besides the published ones and the function's own"},
		{wakeUps, false, defaultWakeUps, "auto or off: whether the function has Function Compute invoke it again at due times and for next looks; off waits in process, and leaves the rest to the sweep"},
		{wakeEndpoint, false, "https://<account>.<region>-internal.fc.aliyuncs.com", "the endpoint of Function Compute's API, for wake-ups; plain http for loopback addresses only"},
		{webhookSecrets, false, "none: no signed HTTP requests are accepted", "senders of HTTP requests: comma-separated sender=whsec_…; " +
			"a sender may appear twice while a secret is rotated"},
		{waitBudget, false, defaultWaitBudget, "the longest wait for a busy gateway inside one invocation, 0s to 15m; " +
			"the invocation's deadline bounds it as well. Where wake-ups can be set, no invocation waits for more than two seconds"},
		{maxLanes, false, defaultMaxLanes, "how many lanes one invocation drains at once, 1 to 64. Where wake-ups can be set, it drains four times as many, 64 at most"},
		{noPolicy, false, defaultNoPolicy, "what happens while there is no policy/policy.yaml: refuse refuses every request, allow works without a policy"},
		{policyEditors, false, "none: the policy alone says who may put it", "comma-separated senders of WEBHOOK_SECRETS who may read and put the policy over HTTP, whatever the policy says: for the first policy, and while it is invalid"},
		{planDryRun, false, defaultPlanDryRun, "off or on: whether plans also have the VPC API check what they would send (DryRun of ModifySslVpnServer)"},
		{functionVPC, false, "none: private gateways are not probed", "the VPC that the function is in, such as vpc-bp1abc: its private gateways are probed for changes with a proof"},
		{timeZone, false, defaultTimeZone, "the zone in which people write and read times, where neither the policy nor a chat platform's variable says it: an offset such as +08:00, or a name such as Asia/Shanghai"},
		{logLevel, false, defaultLogLevel, "debug, info, warn or error"},
	}, chatVariables()...)
}
