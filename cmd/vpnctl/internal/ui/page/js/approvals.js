// The approvals that the user may give: each with what it does, and the buttons.
import * as api from './api.js';
import { make, badge, button, facts, replace, say } from './dom.js';
import { confirm } from './dialog.js';
import { lang, word } from './words.js';
import { fieldName } from './labels.js';
import { both } from './times.js';
import { askerName, changeLink, confirmNote, dangers, difference, empty, failure, head, impactNotes, list, loading, problemList, serverName, windowNote } from './parts.js';

const PAUSE = 5000;
const PLANS = 20; // differences that are read at once

// view shows what waits for an approval, and keeps looking for new requests. A card keeps
// its difference until the change is gone: an approval is for what was shown.
export function view(place, app) {
  const state = { listed: 0, all: null, error: null, cards: new Map(), stopped: false };
  let timer = 0;
  async function look() {
    clearTimeout(timer);
    try {
      const [got] = await Promise.all([api.waiting(200), app.loadServers()]);
      state.listed = got.changes.length;
      state.all = got.changes.filter((c) => c.cause === 'approval');
      state.error = null;
      app.counted(got.changes);
      app.connection('live');
    } catch (err) {
      state.error = err;
      app.connection('lost');
    }
    if (state.stopped) return;
    draw();
    if (!document.hidden) timer = setTimeout(look, api.slower(PAUSE, state.listed));
  }
  function draw() { replace(place, ...content(state, app, look)); }
  const shown = () => { clearTimeout(timer); if (!document.hidden) look(); else app.connection('paused'); };
  document.addEventListener('visibilitychange', shown);
  draw();
  look();
  return { draw() { state.cards.clear(); draw(); }, stop() { state.stopped = true; clearTimeout(timer); document.removeEventListener('visibilitychange', shown); } };
}

function content(state, app, look) {
  const title = head(word('approvals'), word('approvalsSub'));
  if (!state.all) return [title, state.error ? failure(state.error, look) : loading()];
  const mine = state.all.filter((c) => app.mayApprove(c));
  const others = state.all.filter((c) => !app.mayApprove(c));
  // A card that somebody votes on stays with its answer until the page is left.
  const voted = [...state.cards.values()].filter((card) => (card.voted || card.deciding) && !mine.some((c) => c.id === card.change.id));
  return [
    title,
    state.error ? failure(state.error, look) : null,
    ...mine.map((c, i) => cardOf(state, app, c, i < PLANS).element),
    ...voted.map((card) => card.element),
    mine.length + voted.length ? null : empty(word('noApprovals'), word('noApprovalsText')),
    others.length ? make('section', { class: 'card' }, make('h3', {}, word('forOthers')), make('ol', { class: 'queue' }, others.map((c) => make('li', {},
      make('div', { class: 'row' }, make('span', {}, serverName(c)), difference(c), make('span', { class: 'push' }, changeLink(c.id))),
      make('p', { class: 'small' }, word('by', { who: askerName(c, c.by) }) + ' · ' + word('alsoMay') + ': ' + (list(c.approvers ?? []) || word('nobodyMay')) + (c.by === app.me() ? ' · ' + word('ownChange') : '')))))) : null,
  ];
}

function cardOf(state, app, c, read) {
  if (state.cards.has(c.id)) return state.cards.get(c.id);
  const card = { change: c, plan: null, error: null, answer: null, deciding: false, busy: false, voted: false, element: make('article', { class: 'card approval', 'data-change': c.id, 'aria-label': serverName(c) + ': ' + c.id }) };
  state.cards.set(c.id, card);
  card.read = async () => {
    Object.assign(card, { plan: null, error: null });
    drawCard(card);
    try { card.plan = await api.plan(c.id, lang()); } catch (err) { card.error = err; }
    drawCard(card);
  };
  if (read) card.read(); else drawCard(card);
  return card;
}

function drawCard(card) {
  const { change: c, plan } = card;
  const p = plan?.plan;
  const changed = p?.changed ?? [];
  const label = word('approveNow', { server: serverName(c), fields: list((changed.length ? changed.map((d) => d.field) : Object.keys(c.requested ?? {})).map(fieldName)) });
  replace(card.element,
    make('div', { class: 'row' }, make('h3', {}, serverName(c)), badge(word('asks', { who: askerName(c, c.by) })), make('span', { class: 'push' }, changeLink(c.id))),
    difference(changed.length ? { changed } : c),
    p ? [make('h4', {}, word('whatItDoes')), impactNotes(p.impact, changed)] : null,
    card.error ? failure(card.error, card.read) : null,
    p?.unseen ? make('p', { class: 'small' }, word('noPlan') + ': ' + p.unseen.message) : null,
    plan?.problems?.length ? [make('h4', {}, word('wouldRefuse')), problemList(plan.problems)] : null,
    facts([[word('whyAsked'), c.reason], [word('ticket'), c.ref], [word('accepted'), both(c.acceptedAt)], [word('dueLabel'), new Date(c.dueAt) > new Date() ? both(c.dueAt) : ''], [word('windowLabel'), windowNote(c)], [word('expiresLabel'), both(c.expiresAt)],
      ['', confirmNote(c.confirm)], [word('overridesLabel'), c.override ? word('theFreeze', { name: c.override }) : ''], [word('cApproved'), [word('has', { n: (c.approvedBy ?? []).length, need: c.approvalsNeeded }), list(c.approvedBy ?? [])].filter(Boolean).join(': ')], [word('alsoMay'), list(c.approvers ?? [])],
      [word('code'), p?.code ? make('span', {}, make('code', {}, p.code), ' ', make('span', { class: 'small' }, word('codeHint'))) : '']]),
    card.answer ? make('p', { class: 'answer ' + (card.failed ? 'bad' : ''), role: 'status' }, card.answer) : null,
    card.voted ? null : make('div', { class: 'acts' },
      button(card.busy ? word('sending') : label, 'primary', () => decide(card, () => approve(card, label)), { disabled: card.busy || !p?.code, 'data-key': 'approve-' + c.id }),
      button(word('rejectNow'), 'danger', () => decide(card, () => reject(card)), { disabled: card.busy, 'data-key': 'reject-' + c.id }),
      !plan && !card.error ? button(word('difference'), '', card.read) : null));
}

async function decide(card, run) {
  card.deciding = true;
  await run();
  card.deciding = card.answer !== null;
}

async function approve(card, label) {
  const { change: c, plan } = card;
  const risks = dangers(plan.plan.impact, plan.plan.changed);
  if (risks.length) {
    const n = plan.plan.impact?.connected;
    const weakens = risks.some(([, , kind]) => kind === 'weaken');
    const sure = weakens ? word('yesWeaken') : n ? word('yesDisconnect', { n }) : n === 0 ? word('yesApprove') : word('yesDisconnectAll');
    const lines = [{ text: label }, ...risks.map(([tone, text]) => ({ tone, text })), ...(n === undefined ? [] : [{ text: word('imConnected', { n, max: plan.plan.impact.maxConnections ?? '?' }) }])];
    if (await confirm({ title: word('sure'), lines, label: sure, danger: true }) === null) return;
  }
  await send(card, { word: 'approve', code: plan.plan.code });
}

async function reject(card) {
  const reason = await confirm({ title: word('sureReject'), lines: [{ text: word('rejectText', { server: serverName(card.change) }) }], label: word('yesReject'), danger: true, reason: true });
  if (reason !== null) await send(card, { word: 'reject', reason });
}

// send votes and shows the answer of the function in its own words.
async function send(card, vote) {
  card.busy = true;
  drawCard(card);
  try {
    const got = await api.vote({ change: card.change.id, lang: lang(), ...vote });
    Object.assign(card, { answer: got.text, failed: got.outcome !== 'taken', voted: got.outcome === 'taken' });
    if (got.plan) card.plan = got; // the server has changed: this is what would be approved now
  } catch (err) {
    Object.assign(card, { answer: [err.title || word('errNoAnswer'), err.detail].filter(Boolean).join('\n'), failed: true });
  }
  card.busy = false;
  drawCard(card);
  say(card.answer);
}
