package vpc

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// adminPath is where the control surface is.
const adminPath = "/local/vpc/"

// admin answers the control surface:
//
//	GET    /local/vpc/state        Snapshot
//	POST   /local/vpc/servers      a list of Server
//	POST   /local/vpc/gateways     a list of GatewayControl
//	POST   /local/vpc/clients      a list of Clients, of one server each
//	POST   /local/vpc/certificates a list of Certificate
//	POST   /local/vpc/vpcs         a list of VPC
//	POST   /local/vpc/denied       a list of actions that the role may not call
//	DELETE /local/vpc/denied       permits them again
//	POST   /local/vpc/faults       a list of Fault
//	DELETE /local/vpc/faults       empties the queue
//	POST   /local/vpc/credentials  a list of Credential to accept as well
//	POST   /local/vpc/broken       a list of Broken, of which the last one counts
//
// A POST answers 204, or 400 with {"error"}.
func (e *Emulator) admin(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+adminPath+"state", func(w http.ResponseWriter, _ *http.Request) {
		adminJSON(w, http.StatusOK, e.Snapshot())
	})
	mux.HandleFunc("DELETE "+adminPath+"faults", func(w http.ResponseWriter, _ *http.Request) {
		e.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE "+adminPath+"denied", func(w http.ResponseWriter, _ *http.Request) {
		e.Allow()
		w.WriteHeader(http.StatusNoContent)
	})
	handleList(mux, "servers", e.AddServer)
	handleList(mux, "gateways", e.Control)
	handleList(mux, "clients", e.SetClients)
	handleList(mux, "certificates", e.AddCertificate)
	handleList(mux, "vpcs", e.AddVPC)
	handleList(mux, "denied", func(action string) error { e.Deny(action); return nil })
	handleList(mux, "faults", func(f Fault) error { return e.Inject(f) })
	handleList(mux, "broken", func(to Broken) error { e.Break(func(b *Broken) { *b = to }); return nil })
	handleList(mux, "credentials", func(c Credential) error { e.Accept(c); return nil })
	mux.ServeHTTP(w, r)
}

// GatewayControl changes the fields of a gateway that are set.
type GatewayControl struct {
	ID              string         `json:"vpnGatewayId"`
	BusyFor         time.Duration  `json:"busyForNs,omitempty"` // updating for so long from now
	Configuring     *time.Duration `json:"configuringNs,omitempty"`
	FinancialLocked *bool          `json:"financialLocked,omitempty"`

	InternetIP        string     `json:"internetIp,omitempty"`
	Private           *bool      `json:"private,omitempty"`
	SSLDisabled       *bool      `json:"sslDisabled,omitempty"`
	SSLMaxConnections *int       `json:"sslMaxConnections,omitempty"`
	CreatedAt         *time.Time `json:"createdAt,omitempty"`
	NotVisualized     *bool      `json:"notVisualized,omitempty"`
}

// Control changes a gateway as c says.
func (e *Emulator) Control(c GatewayControl) error {
	return e.UpdateGateway(c.ID, func(g *Gateway) {
		if c.BusyFor > 0 {
			g.UpdatingUntil = e.opts.Now().Add(c.BusyFor)
		}
		if c.Configuring != nil {
			g.Configuring = c.Configuring
		}
		set(&g.FinancialLocked, c.FinancialLocked)
		g.InternetIP = cmp.Or(c.InternetIP, g.InternetIP)
		set(&g.Private, c.Private)
		set(&g.SSLDisabled, c.SSLDisabled)
		set(&g.SSLMaxConnections, c.SSLMaxConnections)
		set(&g.CreatedAt, c.CreatedAt)
		set(&g.NotVisualized, c.NotVisualized)
	})
}

// set sets a field whose new value is given.
func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// handleList takes a list and calls do for each item.
func handleList[T any](mux *http.ServeMux, name string, do func(T) error) {
	mux.HandleFunc("POST "+adminPath+name, func(w http.ResponseWriter, r *http.Request) {
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		dec.DisallowUnknownFields()
		var items []T
		err := dec.Decode(&items)
		if err == nil {
			errs := make([]error, 0, len(items))
			for _, item := range items {
				errs = append(errs, do(item))
			}
			err = errors.Join(errs...)
		}
		if err != nil {
			adminJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func adminJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return // the client has disconnected
	}
}
