// Parts that several views show: differences, impacts, errors.
import { make, button, badge } from './dom.js';
import { word } from './words.js';
import { causeName, fieldName, value, statusName, statusTone } from './labels.js';
import { at, both, span } from './times.js';

export const status = (s) => badge(statusName(s), statusTone(s));
export const changeLink = (id, text) => make('a', { href: '#/change/' + id, class: text ? '' : 'mono', 'data-key': 'c-' + id }, text ?? id.slice(0, 19));
export const head = (title, sub, ...rest) => make('div', { class: 'head' }, make('h2', {}, title), sub ? make('p', {}, sub) : null, ...rest);
export const list = (names) => names.join(word('and'));
// askerName names who requested a change, and says so if it was an assistant: whoever
// approves it has to know.
export const askerName = (c, name) => (c.assistant || c.origin?.assistant ? word('assistantIs', { who: name }) : name);

export const serverName = (c) => c.name || c.sslVpnServerId || '—';

// difference lists what a change alters: with the values before where they are known, else
// the requested settings.
export function difference(c) {
  const rows = c.changed?.length ? c.changed : Object.entries(c.requested ?? {}).map(([field, to]) => ({ field, to, bare: true }));
  return make('ul', { class: 'diff' }, rows.map((d) => make('li', {},
    make('span', { class: 'field' }, fieldName(d.field)),
    d.bare ? null : make('span', { class: 'from mono' }, value(d.from)), make('span', { 'aria-hidden': 'true' }, d.bare ? '=' : '→'), make('span', { class: 'to mono' }, value(d.to)))),
    c.more ? make('li', { class: 'small' }, word('moreSettings', { n: c.more })) : null);
}

// waitsFor says what a change waits for: of a window and a freeze with when that is over.
export function waitsFor(c) {
  const g = c.window;
  if (c.cause !== 'window' || !g || g.open) return causeName(c.cause, c.why);
  if (!g.opensAt) return word('neverOpens', { names: g.freeze || list(g.windows ?? []) });
  return g.freeze ? word('waitsFreeze', { name: g.freeze, time: both(g.opensAt) }) : word('waitsWindow', { names: list(g.windows ?? []), time: both(g.opensAt) });
}

// windowNote says whether a change may be sent when it is due, and when that changes;
// nothing where no window applies and no freeze is near.
export function windowNote(c) {
  const g = c.window;
  if (!g || g.open && !g.windows?.length) return '';
  if (g.open) return g.closesAt ? word('openUntil', { time: both(g.closesAt) }) : word('openNow');
  return waitsFor({ ...c, cause: 'window' });
}

// inWords is a difference as one line.
export function inWords(c) {
  const rows = c.changed?.length ? c.changed.map((d) => [d.field, d.to]) : Object.entries(c.requested ?? {});
  return list(rows.map(([field, to]) => fieldName(field) + ' → ' + value(to))) || word('nothingChanged');
}

// dangers are the consequences that must be confirmed: [tone, sentence, kind].
export function dangers(impact, changed) {
  const out = [];
  if (impact?.class === 'reconnects') out.push(['warn', word('imReconnects'), 'disconnect']);
  if (impact?.class === 'new-file') out.push(['bad', word('imNewFile'), 'disconnect']);
  if (impact?.warnings?.includes('not-encrypted')) out.push(['bad', word('w_not-encrypted'), 'weaken']);
  if ((changed ?? []).some((d) => d.field === 'EnableMultiFactorAuth' && d.to === false)) out.push(['bad', word('w_mfa'), 'weaken']);
  return out;
}

// impactNotes says what a change does to the people who are connected.
export function impactNotes(impact, changed, ended) {
  if (!impact) return null;
  const notes = dangers(impact, changed).map(([tone, text]) => [tone, text]);
  if (impact.class === 'none') notes.push(['', word('imNone')]);
  if (impact.connected !== undefined) notes.push(['', word(ended ? 'imConnectedThen' : 'imConnected', { n: impact.connected, max: impact.maxConnections ?? '?' })]);
  else if (impact.class !== 'none') notes.push(['', word('imUnknown')]);
  if (impact.certificates?.length) notes.push(['', word('imFiles', { n: impact.certificates.length })]);
  for (const line of impact.lines ?? []) notes.push(['', line.old ? word('imLine', { old: line.old, new: line.new }) : word('imLineNew', { new: line.new })]);
  for (const w of impact.warnings ?? []) if (w !== 'not-encrypted') notes.push(['warn', word('w_' + w)]);
  for (const f of impact.findings ?? []) notes.push(['bad', word('findings') + ': ' + f.message]);
  return make('ul', { class: 'notes' }, notes.map(([tone, text]) => make('li', { class: tone }, text)));
}

export const confirmNote = (c) => (c ? word('mustConfirm', { time: spanText(c) }) : '');
const spanText = (text) => span(([...String(text).matchAll(/(\d+)([hms])/g)].reduce((sum, [, n, unit]) => sum + n * { h: 3600, m: 60, s: 1 }[unit], 0)) * 1000);

// problemList shows rules that are broken.
export function problemList(problems) {
  return make('ul', { class: 'notes' }, problems.map((p) => make('li', {}, (p.path ? p.path + ': ' : '') + p.message, p.hint ? make('div', { class: 'small' }, word('whatToDo') + ': ' + p.hint) : null)));
}

const errors = {
  'no-vpnctl': 'errNoVpnctl', 'no-answer': 'errNoAnswer', unavailable: 'errNoAnswer', token: 'errToken', unauthorized: 'errSignature', forbidden: 'errForbidden',
  policy: 'errPolicy', 'no-change': 'errNotFound', method: 'errRoute', origin: 'errToken', host: 'errToken',
};

// failure shows why there is no answer, what to do, and when it was last different.
export function failure(err, again, since) {
  const key = errors[err.kind] ?? (err.status >= 500 ? 'errNoAnswer' : err.status === 404 && !again?.named ? 'errRoute' : 'errOther');
  const own = word(key + 'Text');
  return make('div', { class: 'note problem', role: 'alert', 'data-error': err.kind },
    make('h3', {}, word(key)),
    own === key + 'Text' ? null : make('p', {}, own),
    err.detail ? make('p', { class: 'small' }, err.detail) : key === 'errOther' || key === 'errNoAnswer' ? make('p', { class: 'small' }, err.title || err.message) : null,
    err.problems?.length ? problemList(err.problems) : null,
    since ? make('p', { class: 'small' }, word('staleAt', { time: at(since, true) })) : null,
    again ? button(word('retry'), '', again, { 'data-key': 'retry' }) : null);
}

export const empty = (title, text) => make('div', { class: 'note' }, make('h3', {}, title), make('p', {}, text));
export const loading = () => make('div', { class: 'bones', role: 'status' }, make('span', { class: 'offscreen' }, word('loading')), make('i'), make('i'), make('i'));
