// What waits on each server, what for, and until when.
import * as api from './api.js';
import { make, badge, button, replace, say, selecting } from './dom.js';
import { word } from './words.js';
import { statusName } from './labels.js';
import { openings } from './windows.js';
import { both, relative, span, between } from './times.js';
import { askerName, changeLink, confirmNote, difference, empty, failure, head, inWords, list, loading, serverName, status, waitsFor } from './parts.js';

const PAGE = 100; // changes of one request
const PAUSE = 3000; // ms between two looks at a short list
const ENDED = 5; // changes that ended meanwhile, shown
const BAD = { status: 'failed,rejected,expired', since: '24h', limit: '5' };
const WINDOWS_PAUSE = 300000; // ms between two looks at the windows
const BAD_PAUSE = 60000; // ms between two looks at what did not end well

// view shows the lanes and keeps looking while the page is visible.
export function view(place, app) {
  const state = { last: null, since: null, error: null, ended: [], bound: PAGE, bad: [], badAt: 0, windows: [], windowsAt: 0 };
  const more = () => { state.bound += PAGE; look(); };
  const draw = () => replace(place, ...content(state, app, look, more));
  let timer = 0;
  let looking = false;
  async function look() {
    if (looking) return;
    looking = true;
    clearTimeout(timer);
    try {
      app.loadServers().then((read) => { if (read && !stopped) draw(); }, () => {}); // it asks the API about every server, and may be slow
      const got = await api.waiting(state.bound);
      await compare(state, got);
      const left = state.last && state.last.changes.some((c) => !got.changes.some((n) => n.id === c.id));
      Object.assign(state, { last: got, since: new Date(), error: null });
      if (left || Date.now() - state.badAt > BAD_PAUSE) {
        state.badAt = Date.now();
        api.changes(BAD).then((page) => { state.bad = page.changes ?? []; if (!stopped && !selecting(place)) draw(); }, () => {});
      }
      if (Date.now() - state.windowsAt > WINDOWS_PAUSE) {
        state.windowsAt = Date.now();
        api.windows().then((found) => { state.windows = found.schedules ?? []; if (!stopped && !selecting(place)) draw(); }, () => {}); // an older function has none
      }
      app.counted(got.changes);
      app.connection('live');
    } catch (err) {
      state.error = err;
      app.connection('lost');
    }
    looking = false;
    if (stopped) return;
    if (!selecting(place)) draw();
    if (!document.hidden) timer = setTimeout(look, state.error ? PAUSE * 2 : api.slower(PAUSE, state.last.changes.length));
  }
  let stopped = false;
  const shown = () => {
    app.connection(document.hidden ? 'paused' : 'live');
    if (document.hidden) clearTimeout(timer); else look();
  };
  document.addEventListener('visibilitychange', shown);
  draw();
  look();
  return { draw, stop() { stopped = true; clearTimeout(timer); document.removeEventListener('visibilitychange', shown); } };
}

// compare announces what came and what went since the last look.
async function compare(state, got) {
  if (!state.last || state.last.more || got.more) return; // what is not listed is not known
  const before = new Map(state.last.changes.map((c) => [c.id, c]));
  const now = new Map(got.changes.map((c) => [c.id, c]));
  for (const c of got.changes) if (!before.has(c.id)) say(word('isNew', { server: serverName(c), diff: inWords(c) }));
  for (const [id, c] of before) {
    if (now.has(id)) continue;
    const record = await api.change(id).catch(() => null);
    if (!record?.finishedAt) { got.changes.push(c); continue; } // it is between its end and its record
    state.ended = [{ ...c, ...record, name: c.name, requested: c.requested }, ...state.ended].slice(0, ENDED);
    say(word('hasEnded', { server: serverName(c), diff: inWords(c), status: statusName(record.status) }));
  }
}

function content(state, app, look, more) {
  const title = head(word('now'), word('nowSub'));
  if (!state.last) return [title, state.error ? failure(state.error, look) : loading()];
  const lanes = new Map();
  for (const c of state.last.changes) {
    const key = c.regionId + '/' + c.sslVpnServerId;
    if (!lanes.has(key)) lanes.set(key, []);
    lanes.get(key).push(c);
  }
  const free = app.servers().filter((s) => !lanes.has(s.regionId + '/' + s.sslVpnServerId));
  return [
    title,
    state.error ? failure(state.error, look, state.since) : null,
    state.bad.length ? bad(state.bad) : null,
    lanes.size ? null : empty(word('nothingWaits'), word('nothingWaitsText')),
    ...[...lanes.values()].map((all) => lane(all, app)),
    state.last.more ? make('p', { class: 'acts' }, button(word('more'), '', more, { 'data-key': 'more' })) : null,
    state.ended.length ? ended(state.ended) : null,
    openings(state.windows),
    free.length ? make('section', { class: 'card' }, make('h3', {}, word('freeServers')),
      make('ul', { class: 'chips' }, free.map((s) => make('li', {}, make('a', { class: 'chip', href: '#/history?server=' + encodeURIComponent(s.name || s.sslVpnServerId) }, s.name || s.sslVpnServerId,
        stateText(s) ? make('span', { class: 'small' }, ' ' + stateText(s)) : null))))) : null,
  ];
}

// stateText says what a server does now, where the API says it.
function stateText(s) {
  if (!s?.state) return '';
  const parts = [];
  if (s.state.maxConnections) parts.push(word('isConnected', { n: s.state.connected }));
  if (s.state.gateway && s.state.gateway !== 'active') parts.push(word('gatewayBusy'));
  return parts.join(' · ');
}

function lane(all, app) {
  const [first] = all;
  const known = app.servers().find((s) => s.sslVpnServerId === first.sslVpnServerId && s.regionId === first.regionId);
  return make('section', { class: 'card lane' },
    make('div', { class: 'row' }, make('h3', {}, serverName(first)), make('span', { class: 'small mono' }, first.regionId + '/' + first.sslVpnServerId),
      make('span', { class: 'badge push' }, all.length === 1 ? word('countOne') : word('countMany', { n: all.length })),
      stateText(known) ? badge(stateText(known)) : null),
    make('ol', { class: 'queue' }, all.map(waitingRow)));
}

function waitingRow(c) {
  const need = c.approvalsNeeded ? word('needsApprovals', { n: (c.approvedBy ?? []).length, need: c.approvalsNeeded, who: list(c.approvers ?? []) || word('nobodyMay') }) : '';
  const time = c.cause === 'approval' ? word('expires', { time: both(c.expiresAt) }) : c.cause === 'not-due' ? word('dueOn', { time: both(c.dueAt) }) : c.cause === 'window' ? word('expires', { time: both(c.expiresAt) }) : c.until && !c.undoes ? word('nextLook', { time: relative(c.until) }) : '';
  return make('li', { 'data-change': c.id },
    make('div', { class: 'row' }, status(c.status), difference(c), make('span', { class: 'push' }, changeLink(c.id))),
    make('p', { class: 'cause' }, c.undoes && c.cause === 'confirm' ? [word('undoWaits', { time: relative(c.dueAt) }), ' ', changeLink(c.undoes)] : [waitsFor(c), c.undoes ? [' ', word('undoOf'), changeLink(c.undoes)] : null, c.waitsFor ? [' ', changeLink(c.waitsFor)] : null],
      c.connected ? ' ' + word('isConnected', { n: c.connected }) : null),
    make('p', { class: 'small' }, [word('by', { who: askerName(c, c.by) }), c.reason ? word('reasonIs', { reason: c.reason }) : '', word('waitsSince', { time: span(between(c.acceptedAt, new Date())) }), time, c.cause === 'approval' ? need : '', confirmNote(c.confirm), c.override ? word('overrides', { name: c.override }) : ''].filter(Boolean).join(' · ')));
}

// bad shows what is wrong: what failed, was rejected or expired since yesterday.
function bad(all) {
  return make('section', { class: 'card', 'data-bad': '' }, make('div', { class: 'row' }, make('h3', {}, word('badTitle')),
    make('a', { class: 'push', href: '#/history?status=' + encodeURIComponent(BAD.status) }, word('badAll'))),
    make('ol', { class: 'queue' }, all.map((c) => make('li', {},
      make('div', { class: 'row' }, status(c.status), make('span', {}, serverName(c)), difference(c), make('span', { class: 'push' }, changeLink(c.id))),
      make('p', { class: 'small' }, [word('by', { who: askerName(c, c.by) }), both(c.endedAt), c.code].filter(Boolean).join(' · '))))));
}

function ended(all) {
  return make('section', { class: 'card' }, make('h3', {}, word('justEnded')), make('ol', { class: 'queue' }, all.map((c) => make('li', {},
    make('div', { class: 'row' }, status(c.status), make('span', {}, serverName(c)), difference(c), make('span', { class: 'push' }, changeLink(c.id)))))));
}
