package policy

// Permission is what a role allows.
type Permission string

// The permissions, and the roles that have them. Everybody may cancel their own
// changes.
const (
	Read    Permission = "read"    // viewer, operator, approver, admin
	Ask     Permission = "ask"     // operator, admin: request changes
	Approve Permission = "agree"   // approver, admin: approve and reject
	Retract Permission = "retract" // admin: cancel others' changes
	Edit    Permission = "edit"    // policy-editor: read and put the policy

	Override Permission = "override" // operator, admin: request changes that override a freeze
)

// Role is a set of permissions that a grant gives to people.
type Role string

// The roles.
const (
	Viewer   Role = "viewer"
	Operator Role = "operator"
	Approver Role = "approver"
	Admin    Role = "admin"
	Editor   Role = "policy-editor"
)

// Roles lists the roles.
func Roles() []Role { return []Role{Viewer, Operator, Approver, Admin, Editor} }

// allows reports whether a role has a permission.
func (r Role) allows(perm Permission) bool {
	switch perm {
	case Read:
		return r == Viewer || r == Operator || r == Approver || r == Admin
	case Ask, Override:
		return r == Operator || r == Admin
	case Approve:
		return r == Approver || r == Admin
	case Retract:
		return r == Admin
	case Edit:
		return r == Editor
	default:
		return false
	}
}

// least is the role with the fewest other permissions that has a permission.
func least(perm Permission) Role {
	switch perm {
	case Read:
		return Viewer
	case Ask, Override:
		return Operator
	case Approve:
		return Approver
	case Edit:
		return Editor
	case Retract:
		return Admin
	default:
		return Admin
	}
}

// allowsAssistants reports whether a role gives a permission to people who are
// assistants too. They may read by every role, and request changes as operators: what
// else there is, and whatever a later version adds, is for others to decide.
func (r Role) allowsAssistants(perm Permission) bool {
	switch perm {
	case Read:
		return r.allows(Read)
	case Ask:
		return r == Operator
	case Approve, Retract, Override, Edit:
		return false
	default:
		return false
	}
}
