package localcloud

import (
	"fmt"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// connectPeople gives each server as many clients as it says are connected, each with a
// certificate and a file that fits the server as it is.
func (c *Cloud) connectPeople() error {
	people := []string{"mei", "jun", "lan", "bo", "hua", "wei"}
	for _, s := range Servers() {
		clients := vpc.Clients{ServerID: s.ID}
		for i := range s.Connections {
			who := people[i%len(people)]
			id := fmt.Sprintf("vsc-%s%02d", strings.TrimPrefix(s.ID, "vss-"), i+1)
			name := who + "-laptop"
			if i >= len(people) {
				name = who + "-phone"
			}
			if err := c.vpc.AddCertificate(vpc.Certificate{ID: id, ServerID: s.ID, Name: name, Key: "private key of " + name}); err != nil {
				return err
			}
			clients.Clients = append(clients.Clients, vpc.Client{Certificate: id, User: who})
		}
		if err := c.vpc.SetClients(clients); err != nil {
			return err
		}
	}
	return nil
}
