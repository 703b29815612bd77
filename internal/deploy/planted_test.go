package deploy_test

type plantedError struct {
	name, file, old, planted, want string
}

func plantedErrors() []plantedError {
	const (
		s        = "s.yaml"
		template = "template.yml"
		function = "docs/policies/function.json"
	)
	return []plantedError{
		{"a misspelt key of the function", s, "memorySize:", "memorysize:", "field memorysize not found"},
		{"a misspelt runtime", s, "runtime: go1", "runetime: go1", "field runetime not found"},
		{"an unknown property", s, "handler: main", "handler: main\n      vpcConfig: auto", "field vpcConfig not found"},
		{"a misspelt authType", s, "authType:", "authTyp:", "trigger http: yaml: unmarshal errors:\n  line 1: field authTyp not found"},
		{"another authType", s, "authType: anonymous", "authType: function", "trigger http is not as the function expects it"},
		{"a method less", s, "[GET, POST]", "[POST]", "trigger http is not as the function expects it"},
		{"a misspelt cron", s, "cronExpression:", "cronExpresion:", "field cronExpresion not found"},
		{"a prefix too wide", s, "prefix: changes/", "prefix: ''", "trigger change-files is not as"},
		{"a prefix in one file only", template, "prefix: wake/", "prefix: wakes/", "the files differ in Triggers"},
		{"a missing suffix", s, "                suffix: ''\n", "", "trigger change-files is not as"},
		{"every event of creation", template, "oss:ObjectCreated:PostObject", "oss:ObjectCreated:*", "trigger change-files is not as"},
		{"a trigger of another kind", s, "triggerType: oss", "triggerType: mns_topic", "is none of http, oss, timer"},
		{"a timer's configuration on the HTTP trigger", s, "authType: anonymous", "payload: x", "field payload not found"},
		{"a sweep switched off", s, "enable: true", "enable: false", "trigger sweep is not as"},
		{"the example switched on", template, "enable: false", "enable: true", "trigger nightly-example is not as"},
		{"a payload that is no JSON", s, `'{"task":"sweep"}'`, `'{task:sweep}'`, "payload of trigger sweep is not JSON"},
		{"a payload that is an object", s, `'{"task":"sweep"}'`, `{"task":"sweep"}`, "cannot unmarshal !!map into string"},
		{"another bucket watched than configured", s, ":${vars.bucket}", ":acme-other", "trigger change-files is not as"},
		{"an unknown variable", s, "LOG_LEVEL:", "LOGLEVEL:", "the function knows no variable LOGLEVEL"},
		{"no bucket", template, "CHANGE_BUCKET:", "CHANGE_BUCKETS:", "CHANGE_BUCKET is required and not set"},
		{"a value that the function refuses", s, "'LOG_LEVEL', 'info'", "'LOG_LEVEL', 'trace'", `LOG_LEVEL is "trace"`},
		{"another default in one file", template, "Default: info", "Default: warn", "the files differ in Function"},
		{"a variable of the tool that does not exist", s, "${vars.bucket}\n        RECORD", "${vars.buckets}\n        RECORD", "a variable is left unresolved"},
		{"a role in capitals", s, "role/sslvpn-change-fn", "role/Sslvpn-Change-Fn", "is not lower case"},
		{"a memory beyond the ratio", s, "memorySize: 512", "memorySize: 2048", "1 to 4 GB per vCPU"},
		{"a cpu that does not exist", template, "Cpu: 0.35", "Cpu: 0.33", "cpu by 0.05"},
		{"a short timeout", template, "Timeout: 300", "Timeout: 60", "timeout is 60, want 300"},
		{"another handler", s, "handler: main", "handler: bin/main", `handler is "bin/main"`},
		{"another binary", "Makefile", "BINARY := main", "BINARY := bootstrap", `the package's binary is "bootstrap"`},
		{"the custom runtime", template, "Runtime: go1", "Runtime: custom", `runtime is "custom"`},
		{"the folder instead of the package", s, "code: ./dist/sslvpn-change.zip", "code: ./dist", `code is "./dist"`},
		{"another edition", s, "edition: 3.0.0", "edition: 1.0.0", `edition is "1.0.0"`},
		{"no retries", template, "MaxAsyncRetryAttempts: 3", "MaxAsyncRetryAttempts: 0", "0 retries"},
		{"too many instances", s, "reservedConcurrency: 10", "reservedConcurrency: 0", "reserved concurrency is 0"},
		{"versioning", template, "      AccessControl: private", "      AccessControl: private\n      VersioningConfiguration: {Status: Enabled}", "field VersioningConfiguration not found"},
		{"a public bucket", template, "AccessControl: private", "AccessControl: public-read", "the bucket must be private"},
		{"a bucket that goes with the stack", template, "    DeletionPolicy: Retain\n", "", "the bucket must be private, closed to the public, encrypted and retained"},
		{"a function of the old product", template, "ALIYUN::FC3::Function", "ALIYUN::FC::Function", "type ALIYUN::FC::Function is none"},
		{"a transform", template, "ROSTemplateFormatVersion: '2015-09-01'", "ROSTemplateFormatVersion: '2015-09-01'\nTransform: Aliyun::Serverless-2018-04-03", "field Transform not found"},
		{"a reference to nothing", template, "{ Ref: CodeBucket }", "{ Ref: CodeBuckets }", "Ref to CodeBuckets, which is no parameter"},
		{"an attribute of nothing", template, "[HttpTrigger, UrlInternet]", "[HttpTrigger, Url]", "has no attribute Url"},
		{"a dependency on nothing", template, "DependsOn: [LogStore, ChangeBucket]", "DependsOn: [Logs]", "depends on Logs, which is no resource"},
		{"a parameter that nothing uses", template, "Conditions:", "  Spare:\n    Type: String\n    Description: x\nConditions:", "nothing uses Spare"},
		{"a wildcard of actions", function, "oss:GetObject", "oss:Get*", `action "oss:Get*" is a wildcard`},
		{"a right more in the document", function, "/changes/*", "/*", "function.json is not the template's"},
		{"a right more in the template", template, "Action: ['oss:PutObject']", "Action: ['oss:PutObject', 'oss:DeleteObject']", "the function may [Get Put Delete] below receipts/"},
		{"a right less in the template", template, "/holds/*' }", "/hold/*' }", "below holds/"},
		{"no denial", template, "Effect: Deny", "Effect: Allow", "is not denied oss:DeleteObject on acs:oss:*:*:*/results/*"},
		{"authors that may write anywhere", "docs/policies/change-author.json", "/changes/*", "/*", "change-author.json is not the template's"},
		{"another service behind a role", template, "[oss.aliyuncs.com]", "[ecs.aliyuncs.com]", "oss-invoke-trust.json is not the template's"},
	}
}
