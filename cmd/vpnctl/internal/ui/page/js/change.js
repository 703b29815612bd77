// One change: its timeline, and everything that is known of it.
import * as api from './api.js';
import { make, button, facts, replace, say, selecting } from './dom.js';
import { confirm } from './dialog.js';
import { lang, word } from './words.js';
import { doorName, fieldName, probeName, statusName, value, voteName } from './labels.js';
import { at, both, relative, span } from './times.js';
import { askerName, changeLink, confirmNote, difference, failure, head, impactNotes, list, loading, problemList, serverName, status, waitsFor } from './parts.js';
import { timeline } from './timeline.js';

const PAUSE = 3000;

// view shows a change, and keeps looking until it has ended and everything is known.
export function view(place, app, params, id) {
  const state = { id, change: null, queued: null, error: null, answer: '', open: false };
  let timer = 0;
  let stopped = false;
  async function look() {
    clearTimeout(timer);
    try {
      const got = await api.change(id);
      if (state.change && state.change.status !== got.status) say(word('ev_finished', { status: statusName(got.status) }));
      if (!got.finishedAt && state.change?.status !== got.status) state.queued = await api.plan(id, lang()).catch(() => state.queued);
      Object.assign(state, { change: got, error: null });
      app.loadServers().then(draw, () => {});
      app.connection('live');
    } catch (err) {
      state.error = err;
      app.connection(err.status ? 'live' : 'lost');
    }
    if (stopped) return;
    draw();
    const c = state.change;
    const open = !c || !c.finishedAt || c.proof && !c.proofResult || c.undo && !c.undo.at;
    if (open && !document.hidden && state.error?.kind !== 'no-change') timer = setTimeout(look, PAUSE);
  }
  function draw() {
    if (stopped || selecting(place)) return;
    state.open = place.querySelector('details')?.open ?? false;
    replace(place, ...content(state, app, look));
    const details = place.querySelector('details');
    if (details) details.open = state.open;
  }
  const shown = () => { if (!document.hidden) look(); else { clearTimeout(timer); app.connection('paused'); } };
  document.addEventListener('visibilitychange', shown);
  draw();
  look();
  return { draw, stop() { stopped = true; clearTimeout(timer); document.removeEventListener('visibilitychange', shown); } };
}

// content puts a record, or a position together with what the command status says of it.
function content(state, app, look) {
  if (!state.change) return [head(word('aChange'), state.id), state.error ? failure(state.error, Object.assign(look, { named: true })) : loading()];
  const c = { ...state.queued?.change, ...state.change };
  const plan = state.queued?.plan;
  const server = serverName({ ...c, name: c.name ?? app.servers().find((s) => s.sslVpnServerId === c.sslVpnServerId && s.regionId === c.regionId)?.name });
  const by = c.asker ?? c.origin?.person ?? c.origin?.actor ?? c.requestedBy ?? '';
  return [
    make('div', { class: 'head' }, make('h2', {}, server), status(c.status), make('p', { class: 'mono' }, c.id),
      button(word('copyLink'), 'push', (ev) => navigator.clipboard.writeText(location.href).then(() => { ev.target.textContent = word('copied'); say(word('copied')); }), { 'data-key': 'copy' })),
    state.error ? failure(state.error, look) : null,
    make('section', { class: 'card' }, make('h3', {}, word('difference')), difference(plan?.changed?.length ? { changed: plan.changed } : c),
      facts([[word('askedBy'), askerName(c, by)], [word('whyAsked'), c.reason], [word('ticket'), c.ref], [word('origin'), c.origin ? doorName(c.origin.kind) + (c.origin.source ? ' · ' + c.origin.source : '') : ''], [word('undoes'), c.undoes ? changeLink(c.undoes) : ''],
        [word('waitsLabel'), c.finishedAt ? '' : make('span', {}, waitsFor(c), c.waitsFor ? [' ', changeLink(c.waitsFor)] : null)], [word('expiresLabel'), c.finishedAt ? '' : both(c.expiresAt)], ['', c.undo ? '' : confirmNote(c.confirm)], [word('overridesLabel'), c.override ? word('theFreeze', { name: c.override }) : ''],
        [word('verified'), c.finishedAt && c.status === 'applied' ? word(c.verified ? 'verifiedYes' : 'verifiedNo') : ''], [word('mergedWith'), c.mergedWith?.length ? make('span', {}, c.mergedWith.map((id) => [changeLink(id), ' '])) : ''],
        [word('alsoMay'), list(c.approvers ?? [])]]),
      app.mayApprove({ ...c, by }) ? make('div', { class: 'acts' }, make('a', { class: 'act primary', href: '#/approvals', 'data-key': 'approvals' }, word('toApprovals'))) : null),
    c.error ? make('section', { class: 'card' }, make('h3', {}, word('whyNot')), make('p', {}, c.error.message, ' ', make('code', {}, c.error.code)), c.error.hint ? make('p', { class: 'small' }, word('whatToDo') + ': ' + c.error.hint) : null) : null,
    c.problems?.length ? make('section', { class: 'card' }, make('h3', {}, word('problems')), problemList(c.problems)) : null,
    make('section', { class: 'card' }, make('h3', {}, word('timeline')), timeline(c)),
    (c.finishedAt ? c.impact : plan?.impact) ? make('section', { class: 'card' }, make('h3', {}, word(c.finishedAt ? 'whatItDid' : 'whatItDoes')), impactNotes(c.finishedAt ? c.impact : plan?.impact, c.changed ?? plan?.changed, c.finishedAt)) : null,
    votes(c), attempts(c), proof(c), undo(state, c, look),
    make('section', { class: 'card' }, make('h3', {}, word('fieldsOf')), settings(c), make('details', {}, make('summary', { 'data-key': 'json' }, word('openRecord')), make('pre', { tabindex: '0' }, JSON.stringify(state.change, null, 2)))),
  ];
}

const section = (title, ...children) => make('section', { class: 'card' }, make('h3', {}, title), ...children);
const table = (name, columns, rows) => make('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': name }, make('table', { class: 'table' }, make('thead', {}, make('tr', {}, columns.map((c) => make('th', { scope: 'col' }, c)))), make('tbody', {}, rows.map((r) => make('tr', {}, r.map((d) => make('td', {}, d)))))));

function votes(c) {
  const all = c.votes ?? c.approval?.agreed ?? [];
  if (!all.length) return null;
  return section(word('votes'), table(word('votes'), [word('at'), word('person'), word('said'), word('whyAsked')], all.map((v) => [at(v.at, true), v.person, voteName(v.word ?? 'approve') + (v.until ? ' → ' + at(v.until) : ''), v.reason ?? ''])));
}

function attempts(c) {
  if (!c.attempts?.length) return null;
  return section(word('attempts'), table(word('attempts'), [word('at'), word('action'), word('answered'), word('took')], c.attempts.map((a) => [at(a.at, true), a.action, [a.httpStatus || word('noAnswer'), a.code].filter(Boolean).join(' '), span(a.durationMs)])));
}

function proof(c) {
  const p = c.proofResult;
  if (!p) return null;
  const look = (l) => (l ? probeName(l.probe) + (l.connected === undefined ? '' : ' · ' + word('connectedThen', { n: l.connected })) : '');
  return section(word('proof'), facts([[word('ev_before', { probe: '' }).replace(/[:：]\s*$/, ''), look(p.before)], [word('ev_after', { probe: '' }).replace(/[:：]\s*$/, ''), look(p.after)],
    ['', p.returned === undefined ? '' : word('returned', { n: p.returned, of: p.before?.connected ?? '?' })]]));
}

function undo(state, c, look) {
  if (!c.undo) return null;
  const open = !c.undo.at && new Date(c.undo.dueAt) > new Date();
  const keep = async () => {
    if (await confirm({ title: word('confirmSure'), lines: [{ text: word('confirmText', { time: relative(c.undo.dueAt) }) }], label: word('confirmNow') }) === null) return;
    try { state.answer = (await api.vote({ change: c.id, word: 'confirm', lang: lang() })).text; } catch (err) { state.answer = err.detail || err.title; }
    say(state.answer);
    look();
  };
  return section(word('undo'), facts([[word('undo'), changeLink(c.undo.id)], [word('ev_undoDue'), both(c.undo.dueAt)], [word('cStatus'), c.undo.status && !c.undo.by ? status(c.undo.status) : ''], [word('confirmedBy'), c.undo.by], [word('at'), c.undo.at ? at(c.undo.at) : '']]),
    state.answer ? make('p', { class: 'answer' }, state.answer) : null, open ? make('div', { class: 'acts' }, button(word('confirmNow'), 'primary', keep, { 'data-key': 'confirm' })) : null);
}

// settings shows what was asked for, by the names of the settings.
const settings = (c) => facts([...Object.entries(c.requested ?? {}).map(([field, v]) => [fieldName(field), value(v)]), ['vpnGatewayId', c.vpnGatewayId], ['clientToken', c.clientToken]]);
