package chat

import "context"

// Room is a conversation that the policy names, and that nobody has to write in
// first. The zero Room is none.
type Room struct {
	Platform string
	Tenant   string // corporation, workspace or tenant key; "" for the one that is configured
	ID       string // the platform's id of the conversation
}

// Card is a message that is kept up to date after it was posted: its text changes
// when what it shows changes, and it loses its commands when they have lapsed.
type Card struct {
	Text

	// Mention are the platform's user ids of people to notify, of the room's tenant.
	// They come from the policy.
	Mention []string
	// For are the user ids of the people whom the card concerns, mentioned or not. A room
	// that stands for these people, such as @approvers of WeCom, is them; elsewhere it is
	// not used.
	For []string
}

// Rooms is a Platform that can write to a room on its own, with the credential of
// the function and not with the address of a message.
type Rooms interface {
	Platform
	// Check says what is wrong with a room, such as an id that cannot be one of the
	// platform's, or a credential that is not configured. It sends nothing, and fails
	// with *SendError.
	Check(to Room) error
	// Post writes a card to a room. A repetition has the same id, by which platforms
	// that support it drop duplicates. The handle stands for the message in Update; it
	// is "" where messages cannot be updated. It fails with *SendError.
	Post(ctx context.Context, client Doer, to Room, c Card, id string) (handle string, err error)
	// Update replaces the card of a message, and mentions nobody new. It fails with
	// *SendError; CodeNotUpdatable says that this message cannot be updated any more.
	Update(ctx context.Context, client Doer, to Room, handle string, c Card) error
}
