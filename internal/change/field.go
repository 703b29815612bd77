package change

// Field names one setting of an SSL-VPN server by its API parameter.
type Field string

// The settings that ModifySslVpnServer takes, in the order in which records
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

// Kind says which type of value the field holds; "" for an unknown field.
func (f Field) Kind() Kind {
	switch f {
	case Port:
		return KindNumber
	case Compress, EnableMultiFactorAuth:
		return KindFlag
	case Name, ClientIPPool, LocalSubnet, Proto, Cipher,
		IDaaSInstanceID, IDaaSRegionID, IDaaSApplicationID:
		return KindText
	default:
		return ""
	}
}
