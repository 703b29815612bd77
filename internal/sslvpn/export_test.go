package sslvpn

// ClassifyModify classifies a refusal of a modification.
func ClassifyModify(code, message string, status int) Class {
	return classify(modifyServer, code, message, status)
}
