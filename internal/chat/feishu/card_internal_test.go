package feishu

import (
	"encoding/json"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// The API refuses a card without elements.
func TestACardOfATitleAlone(t *testing.T) {
	t.Parallel()
	var c card
	if err := json.Unmarshal([]byte(render(chat.Text{Mark: chat.Done, Title: chat.Line{chat.Words("done")}})), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Elements) != 1 || c.Elements[0].Text == nil || c.Elements[0].Text.Content != c.Header.Title.Content || c.Header.Title.Content == "" {
		t.Errorf("the card is %+v", c)
	}
}
