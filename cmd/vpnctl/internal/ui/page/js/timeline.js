// One change in time: bars drawn to scale, and the same as a list.
import { make } from './dom.js';
import { word } from './words.js';
import { probeName, statusName, voteName } from './labels.js';
import { at, between, span } from './times.js';

const ms = (t) => new Date(t).getTime();

// timeline draws a change: a record, or a position in the queue with end null.
export function timeline(c) {
  const end = c.finishedAt ?? new Date().toISOString();
  const points = events(c, end);
  const parts = segments(c, end);
  const whole = { from: c.acceptedAt, to: end };
  const rows = [row(word('whole'), whole, parts, points)];
  if (c.startedAt && between(c.startedAt, end) > 0 && between(c.startedAt, end) < between(c.acceptedAt, end) * 0.2) {
    rows.push(row(word('applyingPart'), { from: c.startedAt, to: end }, parts, points));
  }
  const last = points.map((p) => p.at).sort().pop();
  if (c.finishedAt && ms(last) - ms(end) > 1000) rows.push(row(word('afterPart'), { from: end, to: last }, after(c, last), points));
  return make('div', { class: 'timeline' }, rows, legend([...parts, ...after(c, last)]), list(points, c.acceptedAt));
}

// segments divide the time from the request to the end. The waits inside the work are
// known as sums only: they are drawn at its beginning, in their true length.
function segments(c, end) {
  const out = [];
  let from = ms(c.acceptedAt);
  const until = (kind, to) => {
    const stop = Math.min(Math.max(ms(to), from), ms(end));
    if (stop > from) out.push({ kind, from, to: stop });
    from = stop;
  };
  const agreed = (c.votes ?? c.approval?.agreed ?? []).filter((v) => (v.word ?? 'approve') === 'approve').map((v) => v.at).sort();
  if (c.approval && agreed.length < c.approval.need) until('approval', end);
  else if (agreed.length) until('approval', agreed.at(-1));
  until('early', c.dueAt);
  if (!c.finishedAt && c.cause === 'window') until('window', end);
  until('window', new Date(Math.min(from + (c.waitedMs?.window ?? 0), ms(c.startedAt ?? end))).toISOString());
  until('queue', c.startedAt ?? end);
  for (const kind of ['recovery', 'throttle', 'breaker', 'gateway']) until(kind, new Date(from + (c.waitedMs?.[kind] ?? 0)).toISOString());
  until('work', end);
  return out;
}

// after is the time after the end, in which the server is looked at or the change may be
// confirmed.
function after(c, last) {
  const to = c.undo?.at ?? c.undo?.dueAt ?? c.proofResult?.after?.at;
  if (!c.finishedAt || !to || ms(to) <= ms(c.finishedAt)) return [];
  return [{ kind: c.undo ? 'trial' : 'proof', from: ms(c.finishedAt), to: Math.min(ms(to), ms(last)) }];
}

function events(c, end) {
  const out = [{ at: c.acceptedAt, label: word('ev_accepted'), kind: 'line' }];
  const add = (t, label, kind, more) => { if (t && !t.startsWith('0001')) out.push({ at: t, label, kind, ...more }); };
  if (between(c.acceptedAt, c.dueAt) > 1000) add(c.dueAt, word('ev_due'), 'line');
  for (const v of c.votes ?? c.approval?.agreed ?? []) add(v.at, word('ev_vote', { who: v.person, word: voteName(v.word ?? 'approve') }), 'vote', { note: v.reason });
  add(c.startedAt, word('ev_started'), 'line');
  for (const a of c.attempts ?? []) add(a.at, word('ev_attempt', { action: a.action }), a.httpStatus >= 200 && a.httpStatus < 300 ? 'call' : 'call bad', { took: a.durationMs, note: [a.httpStatus || word('noAnswer'), a.code].filter(Boolean).join(' ') });
  const proof = c.proofResult;
  if (proof?.before) add(proof.before.at, word('ev_before', { probe: probeName(proof.before.probe) }), 'look', { note: proof.before.connected === undefined ? '' : word('connectedThen', { n: proof.before.connected }) });
  add(proof?.verifiedAt, word('ev_verified'), 'look');
  if (proof?.after) add(proof.after.at, word('ev_after', { probe: probeName(proof.after.probe) }), 'look', { note: proof.after.connected === undefined ? '' : word('connectedThen', { n: proof.after.connected }) });
  if (c.finishedAt) add(c.finishedAt, word('ev_finished', { status: statusName(c.status) }), 'line end');
  else add(end, word('ev_now'), 'line end');
  if (!c.finishedAt && c.cause !== 'window' && c.nextAttemptAt && c.nextAttemptAt !== c.expiresAt && ms(c.nextAttemptAt) > Date.now()) out.push({ at: c.nextAttemptAt, label: word('ev_next'), kind: 'later' });
  if (!c.finishedAt && c.cause === 'window' && c.window?.opensAt && ms(c.window.opensAt) > Date.now()) out.push({ at: c.window.opensAt, label: word(c.window.freeze ? 'ev_freezeEnds' : 'ev_opens'), kind: 'later', note: c.window.freeze || (c.window.windows ?? []).join(', ') });
  if (!c.finishedAt) add(c.expiresAt, word('ev_expires'), 'later');
  if (c.undo) {
    add(c.undo.dueAt, word('ev_undoDue'), 'look');
    if (c.undo.at) add(c.undo.at, c.undo.status === 'cancelled' ? word('ev_confirmed', { who: c.undo.by ?? '' }) : word('ev_undone', { status: statusName(c.undo.status) }), 'vote');
  }
  return out.sort((a, b) => ms(a.at) - ms(b.at));
}

// row is one bar from one time to another, with what is between them.
function row(name, scale, parts, points) {
  const from = ms(scale.from);
  const length = Math.max(ms(scale.to) - from, 1);
  const place = (el, start, stop) => {
    el.style.left = Math.min(100, Math.max(0, (start - from) / length * 100)) + '%';
    if (stop !== undefined) el.style.width = Math.max(0, (Math.min(stop, from + length) - Math.max(start, from)) / length * 100) + '%';
    return el;
  };
  const inside = (t) => ms(t) >= from && ms(t) <= from + length;
  const bars = parts.filter((p) => p.to > from && p.from < from + length).map((p) => place(make('i', { class: 'seg s-' + p.kind }), p.from, p.to));
  const marks = points.filter((p) => inside(p.at) && p.kind !== 'later').map((p) => (p.took !== undefined ? place(make('i', { class: 'mark ' + p.kind }), ms(p.at), ms(p.at) + p.took) : place(make('i', { class: 'mark ' + p.kind }), ms(p.at))));
  const text = word('timelineOf', { from: at(scale.from, true), to: at(scale.to, true), parts: bars.length ? summary(parts) : span(length) });
  return make('figure', { class: 'bar', role: 'img', 'aria-label': name + ': ' + text },
    make('figcaption', { class: 'small', 'aria-hidden': 'true' }, make('b', {}, name), ' ', span(length)),
    make('div', { class: 'track', 'aria-hidden': 'true' }, bars, marks),
    make('div', { class: 'ends small', 'aria-hidden': 'true' }, make('span', {}, at(scale.from, true)), make('span', {}, at(scale.to, true))));
}

const sums = (parts) => {
  const out = new Map();
  for (const p of parts) out.set(p.kind, (out.get(p.kind) ?? 0) + p.to - p.from);
  return [...out];
};
const summary = (parts) => sums(parts).map(([kind, length]) => word('sumUp', { label: word('seg_' + kind), time: span(length) })).join('; ');

const legend = (parts) => make('ul', { class: 'legend', 'aria-label': word('waitsTitle') }, sums(parts).map(([kind, length]) => make('li', {}, make('i', { class: 'swatch s-' + kind, 'aria-hidden': 'true' }), word('seg_' + kind), ' ', make('b', {}, span(length)))));

const list = (points, start) => make('ol', { class: 'events' }, points.map((p) => make('li', { class: p.kind },
  make('time', { datetime: p.at, class: 'mono' }, at(p.at, true)), make('span', { class: 'small offset' }, ms(p.at) > ms(start) ? '+' + span(between(start, p.at)) : ''),
  make('span', {}, p.label, p.took === undefined ? null : make('span', { class: 'small' }, ' ' + span(p.took)), p.note ? make('span', { class: 'small' }, ' · ' + p.note) : null))));
