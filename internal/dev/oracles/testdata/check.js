'use strict';
// Reads what the Go test wrote, checks it with the vendors' libraries, and writes
// what those made, for the Go test to check. It prints each failure.
const fs = require('node:fs');
const wecom = require('@wecom/crypto');
const { Webhook } = require('standardwebhooks');
const im = require('@alicloud/dingtalk/dist/im_1_0/client');
const robot = require('@alicloud/dingtalk/dist/robot_1_0/client');
const oauth = require('@alicloud/dingtalk/dist/oauth2_1_0/client');

const given = JSON.parse(fs.readFileSync('given.json', 'utf8'));
const failures = [];
const fail = (what, why) => failures.push(what + ': ' + why);

// ---- DingTalk: the fields of a request and their types ----

function fields(model, body, at) {
  const names = Object.values(model.names());
  const types = model.types();
  for (const [key, value] of Object.entries(body)) {
    const type = types[key];
    if (!names.includes(key)) fail(at, 'there is no field ' + key);
    else if (typeof type === 'function') fields(type, value, at + '.' + key);
    else if (typeof value !== type) fail(at, key + ' is no ' + type);
  }
}

const requests = {
  '/v1.0/oauth2/accessToken': oauth.GetAccessTokenRequest,
  '/v1.0/im/v1.0/robot/interactiveCards/send': im.SendRobotInteractiveCardRequest,
  '/v1.0/im/robots/interactiveCards': im.UpdateRobotInteractiveCardRequest,
  '/v1.0/robot/groupMessages/send': robot.OrgGroupSendRequest,
};
for (const { path, body } of given.dingtalk) {
  if (requests[path]) fields(requests[path], body, path);
  else fail(path, 'the library has no such request');
}
const before = failures.length;
fields(im.SendRobotInteractiveCardRequest, { cardBizId: 1, unknown: 'x' }, 'a wrong request');
if (failures.splice(before).length !== 2) fail('a wrong request of DingTalk', 'is not found');

// ---- WeCom: what the function sealed, and a request for it ----

for (const { token, key, encrypted, timestamp, nonce, signature, holds } of given.wecom) {
  if (wecom.getSignature(token, timestamp, nonce, encrypted) !== signature) fail('WeCom', 'the signature is another one');
  const opened = wecom.decrypt(key, encrypted);
  if (!opened.message.includes(holds)) fail('WeCom', 'decrypted is ' + opened.message);
}
const { token, key, message, receiver, timestamp, nonce } = given.toWeCom;
const encrypted = wecom.encrypt(key, message, receiver);
const made = { wecom: { encrypted, signature: wecom.getSignature(token, timestamp, nonce, encrypted) }, webhooks: [] };

// ---- Standard Webhooks, both ways ----

for (const { secret, headers, body } of given.webhooks) {
  const hook = new Webhook(secret);
  try {
    hook.verify(body, headers, { jsonParse: false });
  } catch (err) {
    fail('a webhook', String(err));
  }
  try {
    hook.verify(body + ' ', headers, { jsonParse: false });
    fail('a webhook', 'another body is taken');
  } catch { /* as it must be */ }
  const now = new Date();
  made.webhooks.push({
    id: headers['webhook-id'], timestamp: String(Math.floor(now.getTime() / 1000)), signature: hook.sign(headers['webhook-id'], now, body),
  });
}

fs.writeFileSync('made.json', JSON.stringify(made));
for (const line of failures) console.log(line);
process.exit(failures.length ? 1 : 0);
