package vpc

// Broken says which promises of the API the emulator breaks, for tests of what notices
// it. The zero value breaks none. Faults disturb single calls; these change how the
// service works.
type Broken struct {
	DryRunApplies bool `json:"dryRunApplies,omitempty"` // DryRun has no effect: the modification is made
	DryRunSilent  bool `json:"dryRunSilent,omitempty"`  // a dry run is answered like a modification, and changes nothing
}

// Break changes which promises are broken from now on.
func (e *Emulator) Break(change func(*Broken)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(&e.broken)
}

// dry answers a dry run that passed the checks; ok is false for what is carried out.
func (e *Emulator) dry(c *call, s *Server) (out outcome, ok bool) {
	switch {
	case c.params.Get("DryRun") != "true", e.broken.DryRunApplies:
		return outcome{}, false
	case e.broken.DryRunSilent:
		return outcome{reply: e.modified(s, c)}, true
	default:
		return refuse(errDryRun()), true // documented
	}
}

// permitted reports whether the policies of the call's key allow it. Documented: the
// actions and the resource of ModifySslVpnServer; the others have none of their own.
func (e *Emulator) permitted(c *call) bool {
	if e.opts.Permits == nil {
		return true
	}
	resource := "*"
	if c.action == ModifySslVpnServer {
		resource = "acs:vpc:" + c.params.Get("RegionId") + ":" + e.opts.AccountID + ":sslvpnserver/" + c.params.Get("SslVpnServerId")
	}
	return e.opts.Permits(c.keyID, "vpc:"+c.action, resource)
}
