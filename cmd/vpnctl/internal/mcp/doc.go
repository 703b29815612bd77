// Package mcp is a server of the Model Context Protocol, with which an AI assistant looks
// at servers and changes, plans changes, and proposes them. People decide.
//
// # Contract
//
// The server signs with the assistant's own secret. It serves only a sender whose person
// the policy calls an assistant, or who may only read; the function enforces everything
// else. There is no tool to approve, reject, confirm, cancel or edit anything, none that
// takes a command line, a path or an address, and none that reads this process.
//
// What is proposed is what was planned: propose takes the id of a plan that the tool plan
// gave in this process within the last [planLifetime], and nothing that would change it.
// The request expects each planned setting to have the value that the plan showed, so
// that the function rejects it if the server has changed. A plan is proposed once, however
// often the tool is called.
//
// # What others wrote
//
// Names of servers, reasons and messages of the API are anybody's, and an assistant may
// take them for instructions. Each text of an answer is cut to [maxText] characters, hidden
// characters are replaced, and what people wrote freely stands in a member "quoted". That
// bounds such an attack and does not prevent it. Approval codes are not passed on: whoever
// approves reads the plan elsewhere.
package mcp
