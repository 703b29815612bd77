// "May Mei change the port of office-hangzhou, and who must agree?"
import * as api from './api.js';
import { make, replace, say } from './dom.js';
import { word } from './words.js';
import { fieldName, fieldNames } from './labels.js';
import { span } from './times.js';
import { askerName, empty, failure, head, list, loading, problemList } from './parts.js';

// view asks the question of the URL, and again when somebody changes it.
export function view(place, app, params) {
  const question = { server: params.get('server') ?? '', person: params.get('person') ?? '', settings: (params.get('settings') ?? '').split(',').filter(Boolean) };
  const state = { question, found: null, error: null };
  const draw = () => replace(place, head(word('policy'), word('policySub')), ...content(state, app, change));
  let turn = 0; // an answer to an earlier question comes too late
  async function ask() {
    const mine = ++turn;
    try {
      await app.loadServers();
      question.server ||= app.servers()[0]?.name ?? '';
      if (!question.server) { state.found = { none: true }; draw(); return; }
      draw();
      // Everybody is asked about at once; somebody who is not among them is asked about alone.
      const about = { server: question.server, settings: question.settings.join(',') };
      const found = await api.permissions(about);
      const one = question.person && !found.people.some((p) => p.person === question.person) ? await api.permissions({ ...about, person: question.person }) : null;
      if (mine !== turn) return;
      Object.assign(state, { found, one, error: null });
      app.connection('live');
    } catch (err) {
      if (mine !== turn) return;
      Object.assign(state, { found: null, error: err });
      app.connection(err.status ? 'live' : 'lost');
    }
    draw();
    const answer = place.querySelector('#policy-answer');
    if (answer) say(answer.innerText);
  }
  function change(values) {
    Object.assign(question, values);
    history.replaceState(null, '', '#/policy' + api.query({ ...question, settings: question.settings.join(',') }));
    ask();
  }
  draw();
  ask();
  return { draw, stop() {} };
}

function content(state, app, change) {
  const { question: q, found } = state;
  if (!found) return [state.error ? [form(state, app, change), failure(state.error, () => change({}))] : loading()];
  if (found.none) return [empty(word('noServers'), word('noServersText'))];
  return [form(state, app, change), answer(state), found.noPolicy ? null : matrix(found, q.person)];
}

function form(state, app, change) {
  const { question: q, found } = state;
  const option = (value, text, chosen) => make('option', { value, selected: value === chosen }, text);
  const people = (found?.people ?? []).map((p) => p.person);
  if (q.person && !people.includes(q.person)) people.push(q.person);
  const servers = app.servers().map((s) => s.name || s.sslVpnServerId);
  if (q.server && !servers.includes(q.server)) servers.push(q.server);
  const toggle = (f) => (ev) => change({ settings: ev.target.checked ? [...q.settings, f] : q.settings.filter((x) => x !== f) });
  return make('form', { class: 'card question', autocomplete: 'off', onsubmit: (ev) => ev.preventDefault() },
    make('div', { class: 'sentence' },
      make('label', { for: 'q-person' }, word('qMay')), make('select', { id: 'q-person', onchange: (ev) => change({ person: ev.target.value }) }, option('', word('everybody'), q.person), people.map((p) => option(p, p, q.person))),
      make('span', {}, word('qChange')), make('b', {}, list(q.settings.map(fieldName)) || word('anySetting')),
      make('label', { for: 'q-server' }, word('qOf')), make('select', { id: 'q-server', onchange: (ev) => change({ server: ev.target.value }) }, servers.map((s) => option(s, s, q.server)))),
    make('fieldset', { class: 'settings' }, make('legend', {}, word('settings')), fieldNames().map((f) => make('label', { class: 'tick' }, make('input', { type: 'checkbox', id: 'q-' + f, checked: q.settings.includes(f), onchange: toggle(f) }), fieldName(f)))));
}

function answer({ question: q, found, one }) {
  if (found.noPolicy) return empty(word('noPolicy'), word('noPolicyText'));
  const row = q.person ? (one ?? found).people.find((p) => p.person === q.person) ?? one?.people[0] : null;
  const approvers = found.approvers.filter((name) => name !== q.person);
  const asking = row ? [make('p', { class: 'verdict ' + (row.request ? 'good' : 'bad') }, word(row.request ? 'yesMay' : 'noMay', { who: q.person })), row.lacking?.length && row.read ? make('p', { class: 'small' }, word('lacks', { fields: list(row.lacking.map(fieldName)) })) : null, one?.problems ? problemList(one.problems) : null]
    : [make('p', { class: 'verdict' }, word('whoMayRequest', { who: list(found.people.filter((p) => p.request).map((p) => p.person)) || word('nobody') }))];
  const need = row?.assistant ? Math.max(found.approvals, 1) : found.approvals;
  const agree = need === 0 ? word('noApprovalNeeded') : approvers.length < need ? word('notEnough') : need === 1 ? word('oneAgree', { who: list(approvers) }) : word('manyAgree', { n: need, who: list(approvers) });
  const rules = [agree, ...(found.guards ?? []).map((g) => word(g.otherwise === 'approval' ? 'guardApproval' : 'guardRefuse', { n: g.maxConnected })), ...confirmRules(found.confirm)];
  return make('section', { class: 'card', id: 'policy-answer' }, make('h3', {}, word('answer')), asking, make('ul', { class: 'notes' }, rules.map((text) => make('li', {}, text))));
}

function confirmRules(text) {
  if (!text) return [];
  const ms = [...String(text).matchAll(/(\d+)([hms])/g)].reduce((sum, [, n, unit]) => sum + n * { h: 3600e3, m: 60e3, s: 1e3 }[unit], 0);
  return [word('confirmRule', { time: span(ms) }), ...(String(text).includes('proof') ? [word('confirmProofRule')] : [])];
}

function matrix(found, person) {
  const columns = [['read', 'mayRead'], ['request', 'mayRequest'], ['approve', 'mayApprove'], ['cancelOthers', 'mayCancel']];
  return make('section', { class: 'card' }, make('h3', {}, word('thePeople')), make('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': word('thePeople') }, make('table', { class: 'table people' },
    make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, word('person')), columns.map(([, key]) => make('th', { scope: 'col' }, word(key))))),
    make('tbody', {}, found.people.map((p) => make('tr', { class: p.person === person ? 'chosen' : '' }, make('th', { scope: 'row' }, askerName(p, p.person)),
      columns.map(([name]) => make('td', { class: p[name] ? 'yes' : 'no' }, make('span', { 'aria-hidden': 'true' }, p[name] ? '✓ ' : '– '), word(p[name] ? 'yes' : 'no')))))))));
}
