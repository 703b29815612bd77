// The page's words, in both languages. Every key is in both: a test compares them.

let current = 'en';
export const lang = () => current;
export function setLang(tag) { current = WORDS[tag] ? tag : 'en'; }

export function word(key, values) {
  let text = WORDS[current][key] ?? key;
  for (const [name, value] of Object.entries(values ?? {})) text = text.replaceAll('{' + name + '}', value);
  return text;
}

export const WORDS = {
  en: {
    skip: 'Go to the content', title: 'SSL-VPN changes', language: 'Language', views: 'Views', chat: 'Chat', you: 'You are {name} · {function}', atFunction: 'Function {function}',
    now: 'Now', approvals: 'Approvals', history: 'History', policy: 'Who may', gotoLabel: 'Go to a change',
    live: 'Live', paused: 'Paused', lost: 'No answer', loading: 'Loading…', retry: 'Try again', waits: 'It waits.', more: 'Show more', back: 'Back',
    notSet: 'not set', on: 'on', off: 'off', emptyText: '(empty)', staleAt: 'This is what was known at {time}.', and: ', ',
    // errors
    errNoVpnctl: 'vpnctl does not answer', errNoVpnctlText: 'It may have been stopped. Start vpnctl ui again, and open the URL that it prints.',
    errNoAnswer: 'The function does not answer', errNoAnswerText: 'Check the network and the URL of the function. The page tries again by itself.',
    errToken: 'This page has no permission to ask', errTokenText: 'Open it with the URL that vpnctl ui printed. A URL of an earlier run does not work any more.',
    errSignature: 'The function does not accept the secret', errSignatureText: 'Check that the secret is one of this function’s WEBHOOK_SECRETS, and the clock of this machine.',
    errForbidden: 'You may not see this', errForbiddenText: 'The policy does not permit it.',
    errPolicy: 'The policy cannot be used', errPolicyText: 'The function refuses every request until policy/policy.yaml is fixed: vpnctl validate lists its problems.',
    errNotFound: 'There is no such change', errNotFoundText: 'Check the id. A change of a server that you may not view is not shown either.',
    errOther: 'The function refused the question', errRoute: 'The function does not know this question', errRouteText: 'Its version is older than that of vpnctl. Deploy the current one.',
    // now
    nowSub: 'What waits on each server, and what for', nothingWaits: 'Nothing waits', nothingWaitsText: 'All requested changes have ended.', freeServers: 'Servers on which nothing waits',
    badTitle: 'Did not end well in the last 24 hours', badAll: 'Show all',
    justEnded: 'Ended while you watched', waitsSince: 'waits for {time}', until: 'until {time}', nextLook: 'looked at again {time}', expires: 'expires {time}', dueOn: 'due {time}',
    countOne: '1 change waits', countMany: '{n} changes wait', needsApprovals: '{n} of {need} approvals: {who} may approve', nobodyMay: 'nobody else',
    isConnected: '{n} connected', undoWaits: 'It undoes a change on trial {time}, unless somebody confirms that one:', gatewayBusy: 'gateway busy', isNew: '{server}: a new change waits: {diff}', hasEnded: '{server}: {diff} is {status}', by: 'by {who}', assistantIs: '{who} (assistant)', reasonIs: '“{reason}”', undoOf: 'undoes ',
    // windows
    windowsTitle: 'Next openings and freezes', windowLabel: 'Window', waitsWindow: 'It waits for the window {names}, which opens {time}.', waitsFreeze: 'It waits for the end of the freeze {name}. It may be applied from {time}.', neverOpens: 'No opening within 366 days: {names}', overrides: 'overrides the freeze {name}', overridesLabel: 'Overrides', theFreeze: 'the freeze {name}',
    openUntil: 'open until {time}', openNow: 'open', closedUntil: 'closed, opens {time}', frozenUntil: 'freeze {name}, opens {time}', closedLong: 'closed, does not open within 366 days', allSettings: 'all settings', opening: '{names}: {from} to {until}', freezing: 'Freeze {name}: {from} to {until}', ev_opens: 'The window opens', ev_freezeEnds: 'The freeze is over', seg_window: 'for the window',
    // approvals
    approvalsSub: 'What others ask for and you may approve', noApprovals: 'No approval to give', noApprovalsText: 'What needs your approval will appear here.', forOthers: 'Waits for others', asks: '{who} asks',
    approveNow: 'Approve: change {fields} of {server}', rejectNow: 'Reject', whyAsked: 'Reason', code: 'Code', codeHint: 'the approval is for exactly this difference, for 24 hours or until the end of its next opening', expiresLabel: 'Expires', accepted: 'Requested', dueLabel: 'Due', ticket: 'Ticket',
    has: '{n} of {need}', alsoMay: 'May approve', sure: 'Approve this change?', sureReject: 'Reject this change?', rejectText: 'It ends at once, and nothing is changed on {server}.', yesReject: 'Reject the change',
    yesApprove: 'Approve', yesDisconnect: 'Approve, and disconnect {n}', yesDisconnectAll: 'Approve, and disconnect clients', yesWeaken: 'Approve, and weaken security', reasonOptional: 'Reason (optional)', noPlan: 'The difference cannot be shown now', sending: 'Sending…', ownChange: 'You asked for it, so somebody else must approve it.',
    wouldRefuse: 'It would be refused as it is', whatItDoes: 'What it does',
    // impact
    imNone: 'Nobody is disconnected.', imReconnects: 'Connected clients are disconnected, and connect again by themselves.', imNewFile: 'Connected clients are disconnected, and cannot return with their old configuration file.',
    imConnected: '{n} of {max} clients are connected now.', imUnknown: 'How many clients are connected is not known.', imFiles: '{n} certificates: their holders have to change their file.', imLine: 'Line to change in the file: {old} → {new}', imLineNew: 'Line to set in the file: {new}',
    'w_not-encrypted': 'Traffic will not be encrypted.', 'w_silent-loss': 'A client with the old file connects, and no traffic passes.', 'w_compression-refused': 'Clients from OpenVPN 2.6 refuse compression.', 'w_older-clients': 'Clients older than OpenVPN 2.4 need a changed file.', 'w_certificates-expiring': 'Some certificates expire soon.',
    w_mfa: 'Multi-factor authentication will be off.', findings: 'The API will probably refuse it', mustConfirm: 'It is undone unless somebody confirms it within {time} after it is applied.',
    // history
    historySub: 'What ended, the newest first', fStatus: 'Status', fServer: 'Server', fBy: 'Requested by', fSince: 'From', fUntil: 'To', anyStatus: 'all that ended', notWell: 'did not end well', anyServer: 'all servers', anyBody: 'anybody', show: 'Show', last: 'Last {n} days', allTime: 'All', nothingFound: 'Nothing found', nothingFoundText: 'No change that you may see matches these filters.',
    searched: 'Searched back to {time}: show more to go on.', cEnded: 'Ended', cServer: 'Server', cChange: 'Change', cStatus: 'Status', cBy: 'By', cApproved: 'Approved by', cTook: 'Took', shownCount: '{n} changes shown', undoneBy: 'undo ', moreSettings: 'and {n} more', nothingChanged: 'no difference',
    // one change
    aChange: 'Change', timeline: 'Timeline', waitsTitle: 'Where the time went', whole: 'The whole time', applyingPart: 'From the start to the end', difference: 'Difference', votes: 'Votes', attempts: 'Calls of the API', proof: 'Proof', undo: 'Undo', fieldsOf: 'The record', problems: 'Problems', copyLink: 'Copy the link', copied: 'Copied', whyNot: 'Why', whatToDo: 'What to do',
    ev_accepted: 'Requested', ev_due: 'Due', ev_started: 'Started', ev_finished: 'Ended: {status}', ev_now: 'Now', ev_vote: '{who}: {word}', ev_attempt: 'Call {action}', ev_before: 'Looked at before: {probe}', ev_after: 'Looked at after: {probe}', ev_verified: 'Seen on the server', ev_undoDue: 'May be confirmed until', ev_undone: 'Undo: {status}', ev_confirmed: 'Confirmed: {who}', confirmedBy: 'Confirmed by', ev_expires: 'Expires', ev_next: 'Looked at again',
    afterPart: 'After the end', waitsLabel: 'Waits', whatItDid: 'What it did', imConnectedThen: '{n} of {max} clients were connected.', seg_trial: 'to be confirmed', seg_proof: 'the server was looked at', seg_early: 'until it was due', seg_approval: 'for approvals', seg_queue: 'in the queue', seg_work: 'at work', seg_gateway: 'for the gateway', seg_breaker: 'for the API', seg_throttle: 'for the API’s rate limit', seg_recovery: 'for the lease of a worker that died',
    at: 'At', action: 'Call', answered: 'Answer', took: 'Took', noAnswer: 'no answer', person: 'Person', said: 'Vote', connectedThen: '{n} connected', returned: '{n} of {of} are connected again', verifiedYes: 'confirmed by a read', verifiedNo: 'not confirmed by a read', verified: 'Verified', origin: 'From', openRecord: 'All fields as JSON', timelineOf: 'From {from} to {to}: {parts}', mergedWith: 'Applied together with', undoes: 'Undoes', askedBy: 'Requested by', sumUp: '{label}: {time}',
    toApprovals: 'Approve or reject it', confirmNow: 'Confirm: keep the change', confirmSure: 'Confirm the change?', confirmText: 'It is kept. Otherwise it is undone {time}.',
    // policy
    policySub: 'Ask the policy in plain words', qMay: 'May', qChange: 'change', qOf: 'of', anySetting: 'any setting', everybody: 'anybody', yesMay: 'Yes: {who} may request it.', noMay: 'No: {who} may not request it.', lacks: 'No permission for: {fields}', noApprovalNeeded: 'Nobody has to agree.', oneAgree: 'One of them must agree: {who}', manyAgree: '{n} of them must agree: {who}', notEnough: 'Nobody else may agree. Ask an admin.',
    guardRefuse: 'It is refused while more than {n} clients are connected.', guardApproval: 'It needs one approval more while more than {n} clients are connected.', confirmRule: 'It must be confirmed within {time} after it is applied, or it is undone.', confirmProofRule: 'It is undone at once if the server stops answering.',
    thePeople: 'Who may do what', mayRead: 'view', mayRequest: 'request', mayApprove: 'approve', mayCancel: 'cancel others’', yes: 'yes', no: 'no', settings: 'Settings', noPolicy: 'There is no policy', noPolicyText: 'Files, HTTP and timers may request changes; nobody has to agree.', noServers: 'The policy names no server that you may see', noServersText: 'Ask an admin to name servers in policy/policy.yaml.', answer: 'Answer', whoMayRequest: 'May request it: {who}', nobody: 'nobody',
  },
  zh: {
    skip: '跳到内容', title: 'SSL-VPN 变更', language: '语言', views: '视图', chat: '聊天', you: '当前身份：{name} · {function}', atFunction: '函数 {function}',
    now: '当前', approvals: '待批准', history: '历史', policy: '权限', gotoLabel: '查看变更',
    live: '实时', paused: '已暂停', lost: '无响应', loading: '正在加载…', retry: '重试', waits: '等待中。', more: '显示更多', back: '返回',
    notSet: '未设置', on: '开', off: '关', emptyText: '（空）', staleAt: '以下是 {time} 的内容。', and: '、',
    errNoVpnctl: 'vpnctl 没有响应', errNoVpnctlText: '可能已停止。请重新运行 vpnctl ui，并打开它给出的地址。',
    errNoAnswer: '函数没有响应', errNoAnswerText: '请检查网络和函数的地址。页面会自动重试。',
    errToken: '此页面无权查询', errTokenText: '请打开 vpnctl ui 给出的地址。上次运行的地址已失效。',
    errSignature: '函数不接受该密钥', errSignatureText: '请检查密钥是否在该函数的 WEBHOOK_SECRETS 中，以及本机的时钟。',
    errForbidden: '你无权查看', errForbiddenText: '策略不允许。',
    errPolicy: '策略不可用', errPolicyText: '在修正 policy/policy.yaml 之前，函数拒绝所有请求：vpnctl validate 会列出问题。',
    errNotFound: '没有这个变更', errNotFoundText: '请检查 ID。无权查看的服务端，其变更也不会显示。',
    errOther: '函数拒绝了该查询', errRoute: '函数不支持该查询', errRouteText: '函数的版本比 vpnctl 旧，请部署当前版本。',
    nowSub: '每个服务端上有哪些变更在等待，等待什么', nothingWaits: '没有等待中的变更', nothingWaitsText: '所有变更都已结束。', freeServers: '没有变更在等待的服务端',
    badTitle: '最近 24 小时内未正常结束', badAll: '全部显示',
    justEnded: '刚刚结束', waitsSince: '已等待 {time}', until: '至 {time}', nextLook: '{time}再次查看', expires: '{time}过期', dueOn: '{time}执行',
    countOne: '1 个变更在等待', countMany: '{n} 个变更在等待', needsApprovals: '已获 {n}/{need} 人批准；可批准：{who}', nobodyMay: '没有其他人',
    isConnected: '已连接 {n}', undoWaits: '{time}自动撤销变更，除非有人确认：', gatewayBusy: '网关正忙', isNew: '{server}：新的变更在等待：{diff}', hasEnded: '{server}：{diff}，{status}', by: '申请人：{who}', assistantIs: '{who}（助手）', reasonIs: '“{reason}”', undoOf: '撤销 ',
    windowsTitle: '接下来的开放时段和封网', windowLabel: '维护窗口', waitsWindow: '等待维护窗口 {names}，开放时间：{time}', waitsFreeze: '等待封网 {name} 结束，开放时间：{time}', neverOpens: '366 天内不会开放：{names}', overrides: '豁免封网 {name}', overridesLabel: '豁免', theFreeze: '封网 {name}',
    openUntil: '开放至 {time}', openNow: '开放', closedUntil: '未开放，开放时间：{time}', frozenUntil: '封网 {name}，开放时间：{time}', closedLong: '未开放，366 天内不会开放', allSettings: '所有设置', opening: '{names}：{from} 至 {until}', freezing: '封网 {name}：{from} 至 {until}', ev_opens: '维护窗口开放', ev_freezeEnds: '封网结束', seg_window: '等待维护窗口',
    approvalsSub: '他人申请、你可以批准的变更', noApprovals: '没有待批准的变更', noApprovalsText: '需要你批准的变更会显示在这里。', forOthers: '等待他人批准', asks: '{who} 申请',
    approveNow: '批准：修改 {server} 的{fields}', rejectNow: '驳回', whyAsked: '原因', code: '校验码', codeHint: '批准仅对以上内容有效，有效期 24 小时，或到下一个开放时段结束为止', expiresLabel: '过期时间', accepted: '申请时间', dueLabel: '执行时间', ticket: '工单',
    has: '{n}/{need}', alsoMay: '审批人', sure: '批准该变更？', sureReject: '驳回该变更？', rejectText: '变更立即结束，{server} 不会被修改。', yesReject: '驳回变更',
    yesApprove: '批准', yesDisconnect: '批准，并断开 {n} 个客户端', yesDisconnectAll: '批准，并断开客户端', yesWeaken: '批准，并降低安全性', reasonOptional: '原因（可选）', noPlan: '目前无法显示变更内容', sending: '正在发送…', ownChange: '这是你申请的变更，须由他人批准。',
    wouldRefuse: '按目前的配置会被拒绝', whatItDoes: '影响',
    imNone: '不会断开任何客户端。', imReconnects: '已连接的客户端会断开，并自动重新连接。', imNewFile: '已连接的客户端会断开，并且不能再用旧的配置文件连接。',
    imConnected: '当前已连接 {n} 个客户端（上限 {max}）。', imUnknown: '已连接的客户端数量未知。', imFiles: '涉及 {n} 个证书，其持有人须修改配置文件。', imLine: '配置文件中要修改的行：{old} → {new}', imLineNew: '配置文件中要设置的行：{new}',
    'w_not-encrypted': '流量将不加密。', 'w_silent-loss': '使用旧配置文件的客户端能够连接，但没有流量通过。', 'w_compression-refused': 'OpenVPN 2.6 及以上的客户端拒绝压缩。', 'w_older-clients': '低于 OpenVPN 2.4 的客户端需要修改配置文件。', 'w_certificates-expiring': '有证书即将过期。',
    w_mfa: '双因子认证将被关闭。', findings: 'API 可能会拒绝该变更', mustConfirm: '应用后须在 {time}内确认，否则自动撤销。',
    historySub: '已结束的变更，最新的在前', fStatus: '状态', fServer: '服务端', fBy: '申请人', fSince: '起始日期', fUntil: '截止日期', anyStatus: '所有已结束', notWell: '未成功', anyServer: '所有服务端', anyBody: '任何人', show: '查询', last: '最近 {n} 天', allTime: '全部', nothingFound: '没有找到', nothingFoundText: '没有符合条件且你可以查看的变更。',
    searched: '已查询至 {time}，点击“显示更多”继续。', cEnded: '结束时间', cServer: '服务端', cChange: '变更', cStatus: '状态', cBy: '申请人', cApproved: '批准人', cTook: '用时', shownCount: '已显示 {n} 个变更', undoneBy: '撤销 ', moreSettings: '还有 {n} 项', nothingChanged: '没有变化',
    aChange: '变更', timeline: '时间线', waitsTitle: '时间用在哪里', whole: '整个过程', applyingPart: '从开始到结束', difference: '变更内容', votes: '表决', attempts: 'API 调用', proof: '探测结果', undo: '撤销', fieldsOf: '变更记录', problems: '问题', copyLink: '复制链接', copied: '已复制', whyNot: '原因', whatToDo: '解决办法',
    ev_accepted: '申请', ev_due: '计划执行', ev_started: '开始', ev_finished: '结束：{status}', ev_now: '现在', ev_vote: '{who}：{word}', ev_attempt: '调用 {action}', ev_before: '变更前：{probe}', ev_after: '变更后：{probe}', ev_verified: '在服务端上看到', ev_undoDue: '确认期限', ev_undone: '撤销：{status}', ev_confirmed: '确认：{who}', confirmedBy: '确认人', ev_expires: '过期', ev_next: '再次查看',
    afterPart: '结束之后', waitsLabel: '等待', whatItDid: '影响', imConnectedThen: '当时已连接 {n} 个客户端（上限 {max}）。', seg_trial: '等待确认', seg_proof: '探测服务端', seg_early: '未到执行时间', seg_approval: '等待批准', seg_queue: '排队', seg_work: '执行', seg_gateway: '等待网关', seg_breaker: '等待 API', seg_throttle: '等待 API 限流', seg_recovery: '执行者崩溃，等待其租约到期',
    at: '时间', action: '调用', answered: '响应', took: '用时', noAnswer: '无响应', person: '人', said: '表决', connectedThen: '已连接 {n}', returned: '{of} 个中有 {n} 个已重新连接', verifiedYes: '已通过读取核实', verifiedNo: '未通过读取核实', verified: '核实', origin: '来源', openRecord: '全部字段（JSON）', timelineOf: '从 {from} 到 {to}：{parts}', mergedWith: '一同执行', undoes: '撤销的变更', askedBy: '申请人', sumUp: '{label}：{time}',
    toApprovals: '批准或驳回', confirmNow: '确认：保留变更', confirmSure: '确认该变更？', confirmText: '变更将保留。否则{time}自动撤销。',
    policySub: '用日常语言查询策略', qMay: '谁：', qChange: '能否修改', qOf: '服务端', anySetting: '任何设置', everybody: '任何人', yesMay: '可以：{who} 有权申请。', noMay: '不可以：{who} 无权申请。', lacks: '没有权限的设置：{fields}', noApprovalNeeded: '无需任何人批准。', oneAgree: '须由其中 1 人批准：{who}', manyAgree: '须由其中 {n} 人批准：{who}', notEnough: '没有其他人可以批准，请联系管理员。',
    guardRefuse: '已连接的客户端超过 {n} 个时会被拒绝。', guardApproval: '已连接的客户端超过 {n} 个时须多一人批准。', confirmRule: '应用后须在 {time}内确认，否则自动撤销。', confirmProofRule: '如果服务端不再应答，则立即撤销。',
    thePeople: '谁可以做什么', mayRead: '查看', mayRequest: '申请', mayApprove: '批准', mayCancel: '取消他人的变更', yes: '是', no: '否', settings: '设置', noPolicy: '没有策略', noPolicyText: '文件、HTTP 和定时器可以申请变更，无需批准。', noServers: '策略中没有你可以查看的服务端', noServersText: '请管理员在 policy/policy.yaml 中为服务端命名。', answer: '回答', whoMayRequest: '可以申请：{who}', nobody: '没有人',
  },
};
