// Package approval brings changes that need approval to the people who can approve
// them: it posts a card to every room that the policy names for the server, keeps the
// card up to date until the change has ended, and reminds people.
//
// # One request for each document
//
// Intake creates a request, approvals/open/<name>.json, before it queues the changes of
// a document of which one needs approval. The name is the id of the changes without
// their number. The request lists the changes and never changes. It is deleted when all
// of them have ended and every room was told so, as far as it can be reached.
//
// # One worker at a time
//
// What the rooms were told is the state of a chain like a lane's (package lane), below
// approvals/<name>/. Whoever posts or updates holds its lease, which is short, and sends
// nothing when it is about to end. So no two workers post a card, and no card that was
// rendered early replaces one that was rendered late. Closed is a state of the chain,
// too: a request that a redelivery creates again is deleted unread.
//
// # Cards follow the state
//
// A card is a function of the votes and records as they are: it is rendered again
// whenever somebody looks, and sent if it differs from what the room shows. After
// sending, the worker reads the votes and records again, until nothing has changed. So
// the last card of a change that has ended says how it ended, and has no commands. An
// update whose outcome is unknown may take effect late: it is sent once more afterwards.
// Where a platform cannot update messages, votes and the end are posted as messages.
//
// # Who looks
//
// The invocation that drained the lane of a change looks at its request afterwards, and
// intake wakes the lane. The sweep looks at requests that are due: for a reminder, for a
// room that could not be reached, and every some minutes for what was missed.
//
// # Failures
//
// A chat platform delays no change. A failure that may be temporary is retried, with
// growing pauses, until the change has ended, for 24 hours at most. What each room was
// told is written beside the records of the changes when the request is closed.
package approval
