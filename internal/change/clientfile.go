package change

import "strings"

// ClientLine is a line of the clients' configuration file (OpenVPN) before and after a
// difference.
type ClientLine struct {
	From string // "" where the file has no such line, or it is not known
	To   string
}

// ClientLines lists the lines that people have to change in their configuration file,
// because their clients cannot use the server with the file as it is: the line as the
// vendor's file has it, then as other files write it. It is empty where the old file
// still works, such as when multi-factor authentication is switched off.
func (d Difference) ClientLines() []ClientLine {
	line := d.Field.Setting().clientLine
	if line == nil {
		return nil
	}
	var from [2]string
	if !d.From.IsZero() {
		from = line(d.From)
	}
	var out []ClientLine
	for i, to := range line(d.To) {
		if to != "" && to != from[i] {
			out = append(out, ClientLine{From: from[i], To: to})
		}
	}
	return out
}

// Negotiated reports whether most clients find out by themselves about a difference
// that is in their file: clients from OpenVPN 2.4 negotiate the cipher.
func (d Difference) Negotiated() bool { return d.Field == Cipher }

// Unencrypted reports whether traffic is not encrypted after a difference.
func (d Difference) Unencrypted() bool {
	s, _ := d.To.Text()
	return d.Field == Cipher && strings.EqualFold(s, "none")
}

// Compresses reports whether the server compresses after a difference, which clients
// from OpenVPN 2.6 refuse.
func (d Difference) Compresses() bool {
	on, _ := d.To.Flag()
	return d.Field == Compress && on
}

func portLine(v Value) [2]string { return [2]string{"remote … " + v.String(), "port " + v.String()} }

func protoLine(v Value) [2]string { return [2]string{"proto " + strings.ToLower(v.String())} }

func cipherLine(v Value) [2]string { return [2]string{"cipher " + v.String()} }

func compressLine(v Value) [2]string {
	if on, _ := v.Flag(); on {
		return [2]string{"comp-lzo"}
	}
	return [2]string{";comp-lzo"} // as the vendor's file has it
}

// passwordLine is the line that makes a client ask for a user name and a password. A
// client that has it needlessly connects nevertheless.
func passwordLine(v Value) [2]string {
	if on, _ := v.Flag(); on {
		return [2]string{"auth-user-pass"}
	}
	return [2]string{}
}
