package chat

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
)

// Secrets are what the services and the function share.
type Secrets struct {
	DingTalk      string // the robot's appSecret
	Slack         string // the signing secret
	FeishuEncrypt string // the encrypt key
	FeishuToken   string // the verification token
	FeishuApp     string // the app secret, for the reply API
	WeComToken    string
	WeComAESKey   string // 43 characters: 32 bytes in base64 without padding
	WeComApp      string // the own app's secret
	WeComGroup    string // the key of the group's robot
	SlackBot      string // the bot token
}

// NewSecrets makes secrets for one run.
func NewSecrets() Secrets {
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails (crypto/rand)
	return Secrets{
		DingTalk: rand.Text() + rand.Text(), Slack: strings.ToLower(rand.Text()),
		FeishuEncrypt: rand.Text(), FeishuToken: rand.Text(), FeishuApp: rand.Text(),
		WeComToken: rand.Text(), WeComAESKey: base64.RawStdEncoding.EncodeToString(key[:]),
		WeComApp: rand.Text(), WeComGroup: strings.ToLower(rand.Text()), SlackBot: "xoxb-" + rand.Text(),
	}
}

// Env are the function's variables for these services; endpoint is where
// Handler is served.
func (s *Service) Env(endpoint string) []string {
	k := s.opts.Secrets
	return []string{
		fmt.Sprintf("CHAT_DINGTALK=secret=%s;corp=%s;robot=%s;appKey=%s", k.DingTalk, dingCorp, dingRobot, dingKey),
		fmt.Sprintf("CHAT_SLACK=secret=%s;team=%s;app=%s;botToken=%s", k.Slack, slackTeam, slackApp, k.SlackBot),
		fmt.Sprintf("CHAT_FEISHU=encryptKey=%s;token=%s;app=%s;appSecret=%s;tenant=%s", k.FeishuEncrypt, k.FeishuToken, feishuApp, k.FeishuApp, feishuTenant),
		fmt.Sprintf("CHAT_WECOM=token=%s;aesKey=%s;corp=%s;bot=%s;agent=%d;agentSecret=%s;group=%s:%s", k.WeComToken, k.WeComAESKey, wecomCorp, wecomBot, wecomAgent, k.WeComApp, Room, k.WeComGroup),
		"CHAT_ENDPOINT=" + endpoint,
	}
}
