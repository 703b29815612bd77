// The names of what the function says, in both languages: those of its own answers.
import { lang, word } from './words.js';

const pair = (en, zh) => ({ en, zh });

const statuses = {
  queued: pair('queued', '排队中'), waiting: pair('waiting', '等待中'), applying: pair('applying', '执行中'), applied: pair('applied', '已应用'),
  unchanged: pair('unchanged', '无需变更'), planned: pair('dry run', '试运行'), rejected: pair('rejected', '已驳回'), superseded: pair('superseded', '已被取代'),
  failed: pair('failed', '失败'), expired: pair('expired', '已过期'), cancelled: pair('cancelled', '已取消'),
};
const tones = { applied: 'good', unchanged: 'good', planned: 'info', applying: 'info', failed: 'bad', rejected: 'bad', expired: 'warn', cancelled: '', superseded: '', waiting: 'warn', queued: 'info' };

const causes = {
  'in-line': pair('It is queued.', '正在排队。'), 'not-due': pair('It is not due yet.', '未到执行时间。'), approval: pair('It waits for approval.', '等待批准。'),
  applying: pair('It is being applied.', '正在执行。'), settling: pair('It was sent and is being verified.', '已下发，正在核实结果。'),
  others: pair('Earlier changes are being applied.', '正在执行更早的变更。'), recovery: pair('The worker that was applying it has stopped; the next drain continues.', '执行进程已中断，下次调度时继续处理。'),
  gateway: pair('The gateway is busy.', '网关正忙。'), breaker: pair('The API is unavailable, or its calls are paused because it was.', 'API 不可用，或因此暂停了调用。'),
  throttle: pair('The API throttles the function’s calls.', 'API 正在限流。'), failing: pair('The API does not accept the modification. It is sent again, at growing intervals.', 'API 未接受本次修改，将以逐渐延长的间隔重新下发。'),
  clients: pair('It waits until fewer clients are connected.', '等待已连接的客户端减少。'), confirm: pair('A change of this server was applied, and is to be confirmed or undone first.', '该服务端有一个已应用的变更，须先确认或撤销。'),
  window: pair('It waits for its maintenance window.', '等待维护窗口。'),
  policy: pair('The policy cannot be used, or no longer permits it.', '策略不可用，或不再允许该变更。'), credentials: pair('The API does not accept the function’s credentials.', 'API 拒绝了函数的访问凭证。'),
};

// The settings, by the API's names.
const fields = {
  Name: pair('name', '名称'), ClientIpPool: pair('client IP pool', '客户端网段'), LocalSubnet: pair('local subnet', '本端网段'), Proto: pair('protocol', '协议'),
  Port: pair('port', '端口'), Cipher: pair('cipher', '加密'), Compress: pair('compression', '压缩'), EnableMultiFactorAuth: pair('multi-factor authentication', '双因子认证'),
  IDaaSInstanceId: pair('IDaaS instance', 'IDaaS 实例'), IDaaSRegionId: pair('IDaaS region', 'IDaaS 地域'), IDaaSApplicationId: pair('IDaaS application', 'IDaaS 应用'),
};

const words = {
  approve: pair('approved', '批准'), reject: pair('rejected', '驳回'), cancel: pair('cancelled', '取消'), extend: pair('gave more time', '延长确认时间'), undo: pair('had it undone', '要求撤销'),
};
const probes = { listening: pair('the server answers', '服务端有应答'), refused: pair('the port is closed', '端口已关闭'), silent: pair('no answer that proves anything', '没有可作判断的应答'), 'not-checked': pair('not checked', '未探测') };
const doors = { file: pair('file', '文件'), http: pair('HTTP', 'HTTP'), timer: pair('timer', '定时器'), chat: pair('chat', '聊天') };

const of = (table, key) => table[key]?.[lang()] ?? key ?? '';
export const statusName = (s) => of(statuses, s);
export const statusTone = (s) => tones[s] ?? '';
export const causeName = (c, why) => causes[c]?.[lang()] ?? why ?? word('waits');
export const fieldName = (f) => of(fields, f);
export const fieldNames = () => Object.keys(fields);
export const voteName = (w) => of(words, w);
export const probeName = (p) => of(probes, p);
export const doorName = (d) => of(doors, d);
export const statusNames = () => Object.keys(statuses);

// value writes the value of a setting; null is one that is not set or not known.
export function value(v) {
  if (v === null || v === undefined) return word('notSet');
  if (v === true || v === false) return word(v ? 'on' : 'off');
  return v === '' ? word('emptyText') : String(v);
}

// tables are for the test that every name is there in both languages.
export const tables = { statuses, causes, fields, words, probes, doors };
