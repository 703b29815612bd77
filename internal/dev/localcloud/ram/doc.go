// Package ram decides what the policies of a role permit, as RAM does: what no
// statement allows is denied, and a statement that denies overrides those that allow
// (documented). Conditions and principals are not emulated: a policy that has one is
// refused.
package ram
