package change

import "strings"

// Field names one setting of an SSL-VPN server by its API parameter.
type Field string

// The settings that ModifySslVpnServer accepts, in the order in which records
// and answers list them.
const (
	Name                  Field = "Name"
	ClientIPPool          Field = "ClientIpPool"
	LocalSubnet           Field = "LocalSubnet"
	Proto                 Field = "Proto"
	Port                  Field = "Port"
	Cipher                Field = "Cipher"
	Compress              Field = "Compress"
	EnableMultiFactorAuth Field = "EnableMultiFactorAuth"
	IDaaSInstanceID       Field = "IDaaSInstanceId"
	IDaaSRegionID         Field = "IDaaSRegionId"
	IDaaSApplicationID    Field = "IDaaSApplicationId"
)

// Fields lists every setting in the order of the constants.
func Fields() []Field {
	return []Field{
		Name, ClientIPPool, LocalSubnet, Proto, Port, Cipher, Compress,
		EnableMultiFactorAuth, IDaaSInstanceID, IDaaSRegionID, IDaaSApplicationID,
	}
}

// Kind is the JSON type of a setting's value.
type Kind string

// The kinds of values.
const (
	KindText   Kind = "string"
	KindNumber Kind = "integer"
	KindFlag   Kind = "boolean"
)

// phrase names a value of the kind in a message.
func (k Kind) phrase() string {
	switch k {
	case KindNumber:
		return "a whole number"
	case KindFlag:
		return "true or false"
	case KindText:
		return "a text"
	default:
		return "no value"
	}
}

// Group names settings that belong together.
type Group string

// The groups.
const (
	GroupGeneral  Group = "general"  // what the server is called
	GroupNetworks Group = "networks" // the addresses on both ends
	GroupTunnel   Group = "tunnel"   // how clients connect
	GroupSignIn   Group = "sign-in"  // how people prove who they are
)

// Setting describes one setting. Everything that this module knows about a
// setting is here; Field.Setting is the table.
type Setting struct {
	Kind  Kind
	Group Group

	English string // its words in commands, separated by blanks; the first is the one that commands are written with
	Chinese string // its Chinese words, likewise
	Example string // an accepted value, as Value.String renders it
	Advice  string // what a value must be: a clause for errors of the API

	Required    bool // the API reports a value for every server
	MayBeEmpty  bool // an empty text that the API reports is a value
	Synchronous bool // a modification of this setting alone is complete when the API answers
	// Disconnects is set where a change is likely to disconnect the server's clients.
	// The vendor publishes no such list. This is the careful reading: everything
	// but a name makes the gateway reconfigure itself.
	Disconnects bool
	// ClientFile is set where a client that keeps its old configuration file may no
	// longer connect, or may connect and pass no traffic. Difference.ClientLines says
	// which line to change.
	ClientFile bool

	clientLine func(Value) [2]string            // the line of a client's file for a value, and as other files write it; "" for no line
	companions [3]Field                         // see Companions
	while      Field                            // the flag that must be on for the companions to be sent; "" for always
	normalize  func(string) string              // the API's spelling; nil: as it is
	equal      func(a, b string) bool           // whether two texts mean the same; nil: ==
	check      func(f Field, v Value) []Problem // the rules of a normalized value of the right kind; nil: none
}

// Setting returns the description of the setting; the zero Setting for a field
// that is not a setting.
//
//nolint:funlen // the table of settings: one entry for each
func (f Field) Setting() Setting {
	switch f {
	case Name:
		return Setting{
			Kind: KindText, Group: GroupGeneral, English: "name", Chinese: "名称", Example: "vpn-dev",
			Advice:     "it must have 2 to 100 characters and not start with http:// or https://",
			MayBeEmpty: true, Synchronous: true, check: checkName,
		}
	case ClientIPPool:
		return Setting{
			Kind: KindText, Group: GroupNetworks, English: "client_ip_pool pool", Chinese: "客户端网段", Example: "10.30.30.0/24",
			Advice:   "it must be one network with a mask of /16 to /29 and 4 addresses per connection, and must not overlap LocalSubnet or the VPC",
			Required: true, Disconnects: true, companions: [3]Field{LocalSubnet}, equal: sameNetworks, check: checkPool,
		}
	case LocalSubnet:
		return Setting{
			Kind: KindText, Group: GroupNetworks, English: "local_subnet subnet", Chinese: "本端网段", Example: "10.0.0.0/8,192.168.0.0/16",
			Advice:   "it must be at most 5 networks with masks of /8 to /32, separated by commas",
			Required: true, Disconnects: true, companions: [3]Field{ClientIPPool}, normalize: trimList, equal: sameNetworks, check: checkLocalSubnet,
		}
	case Proto:
		return Setting{
			Kind: KindText, Group: GroupTunnel, English: "proto", Chinese: "协议", Example: "UDP", Advice: "it must be TCP or UDP",
			Required: true, Disconnects: true, ClientFile: true, clientLine: protoLine, normalize: strings.ToUpper, equal: strings.EqualFold, check: checkProto,
		}
	case Port:
		return Setting{
			Kind: KindNumber, Group: GroupTunnel, English: "port", Chinese: "端口", Example: "1195",
			Advice:   "it must be 1 to 65535 and none of the reserved ports",
			Required: true, Disconnects: true, ClientFile: true, clientLine: portLine, check: checkPort,
		}
	case Cipher:
		return Setting{
			Kind: KindText, Group: GroupTunnel, English: "cipher", Chinese: "加密", Example: "AES-256-CBC",
			Advice:   "it must be AES-128-CBC, AES-192-CBC, AES-256-CBC or none",
			Required: true, Disconnects: true, ClientFile: true, clientLine: cipherLine, normalize: spellCipher, equal: strings.EqualFold, check: checkCipher,
		}
	case Compress:
		return Setting{
			Kind: KindFlag, Group: GroupTunnel, English: "compress", Chinese: "压缩", Example: "true", Advice: "it must be true or false",
			Disconnects: true, ClientFile: true, clientLine: compressLine,
		}
	case EnableMultiFactorAuth:
		return signIn(Setting{
			Kind: KindFlag, English: "mfa enable_multi_factor_auth", Chinese: "双因子", Example: "true", Advice: "it must be true or false",
			ClientFile: true, clientLine: passwordLine, companions: [3]Field{IDaaSInstanceID, IDaaSRegionID, IDaaSApplicationID},
		})
	case IDaaSInstanceID:
		return signIn(Setting{
			Kind: KindText, English: "idaas_instance_id", Chinese: "idaas实例", Example: "idaas-cn-1",
			companions: [3]Field{EnableMultiFactorAuth, IDaaSRegionID, IDaaSApplicationID}, check: checkIDaaS,
		})
	case IDaaSRegionID:
		return signIn(Setting{
			Kind: KindText, English: "idaas_region_id", Chinese: "idaas地域", Example: "cn-hangzhou",
			companions: [3]Field{EnableMultiFactorAuth, IDaaSInstanceID, IDaaSApplicationID}, check: checkIDaaS,
		})
	case IDaaSApplicationID:
		return signIn(Setting{
			Kind: KindText, English: "idaas_application_id", Chinese: "idaas应用", Example: "app_1",
			companions: [3]Field{EnableMultiFactorAuth, IDaaSInstanceID, IDaaSRegionID}, check: checkIDaaS,
		})
	default:
		return Setting{}
	}
}

// signIn completes a setting of GroupSignIn with what all of them share.
func signIn(s Setting) Setting {
	s.Group, s.Disconnects, s.while = GroupSignIn, true, EnableMultiFactorAuth
	if s.Advice == "" {
		s.Advice = "multi-factor authentication needs the IDaaS instance, its region and, for EIAM 2.0, the application"
	}
	return s
}

// Kind is the type of the field's value; "" for an unknown field.
func (f Field) Kind() Kind { return f.Setting().Kind }

// Companions lists the settings that a modification must send along with this
// one, given the settings as they will be afterwards.
//
// The two networks go together: a modification that sends one of them alone is
// not known to be safe, and the vendor's own Terraform provider has sent both
// since 2019. Multi-factor authentication is refused without the identity
// provider that it belongs to (ModifySslVpnServer, EnableMultiFactorAuth).
func (f Field) Companions(after Settings) []Field {
	s := f.Setting()
	if s.while != "" {
		if on, _ := after[s.while].Flag(); !on {
			return nil
		}
	}
	var out []Field
	for _, c := range s.companions {
		if c != "" {
			out = append(out, c)
		}
	}
	return out
}
