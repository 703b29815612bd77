// Package oracles checks what the function sends to chat platforms with the vendors'
// own libraries for JavaScript, and signatures of webhooks with the reference library
// of Standard Webhooks. The libraries are installed by npm into a temporary folder;
// neither the function nor the other tests need them. Run it with make oracles.
//
//   - Slack: the types of @slack/web-api and @slack/types, by the TypeScript compiler.
//   - Feishu: the type InteractiveCard of @larksuiteoapi/node-sdk, by the same.
//   - DingTalk: the fields of the requests of @alicloud/dingtalk.
//   - WeCom: the signatures and the encryption of @wecom/crypto. There is no library
//     of WeCom's with the form of template cards.
//   - Serverless Devs: @serverless-devs/s renders the deploy files with the settings of
//     a deployment. Its components are not in npm.
//   - Standard Webhooks: standardwebhooks verifies what the function's sender signs,
//     and the function verifies what it signs.
//
// Types know the form of a message and not its limits of length; those are checked by
// package chattest.
package oracles
