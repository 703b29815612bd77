// The page: languages, the views behind the URL's fragment, and what they share.
import * as api from './api.js';
import { byId } from './dom.js';
import { lang, setLang, word } from './words.js';
import * as now from './now.js';
import * as approvals from './approvals.js';
import * as past from './history.js';
import * as one from './change.js';
import * as policy from './policy.js';

const KEEP = 60000; // ms for which the list of servers is kept

const store = {
  get(key) { try { return localStorage.getItem('ui.' + key); } catch { return null; } },
  set(key, text) { try { localStorage.setItem('ui.' + key, text); } catch { /* a private window */ } },
};

// app is what the views share.
const app = {
  setup: {}, found: null, asked: 0, waiting: null,
  servers() { return this.found?.servers ?? []; },
  me() { return this.found?.by ?? ''; },
  // mayApprove reports whether the approval of a change is the user's to give.
  mayApprove(c) { return c.cause === 'approval' && (c.approvers ?? []).includes(this.me()) && c.by !== this.me(); },
  // loadServers reads the servers, unless they were read lately, and reports whether it did.
  async loadServers() {
    if (this.found && Date.now() - this.asked < KEEP) return false;
    this.reading ??= api.servers().finally(() => { this.reading = null; });
    this.found = await this.reading;
    this.asked = Date.now();
    drawFrame();
    return true;
  },
  counted(changes) { this.waiting = changes; drawCounts(); },
  connection(state) {
    this.state = state;
    byId('state').textContent = word(state);
    byId('state').className = 'state ' + ({ live: 'on', lost: 'off' }[state] ?? '');
  },
};

let view = null;
const views = { now: now.view, approvals: approvals.view, history: past.view, policy: policy.view, change: one.view };

// route shows the view that the fragment names: #/history?status=failed, #/change/<id>.
function route() {
  const [path, text] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, id] = path.split('/');
  const params = new URLSearchParams(text ?? '');
  view?.stop();
  const main = byId('main');
  main.replaceChildren();
  const open = views[name] ?? now.view;
  document.querySelectorAll('.tab').forEach((el) => {
    if (el.dataset.view === (views[name] ? name : 'now')) el.setAttribute('aria-current', 'page'); else el.removeAttribute('aria-current');
  });
  app.name = views[name] ? name : 'now';
  drawFrame();
  view = open(main, app, params, decodeURIComponent(id ?? ''));
  window.scrollTo(0, 0);
}

function drawCounts() {
  const all = app.waiting;
  const mine = (all ?? []).filter((c) => app.mayApprove(c)).length;
  byId('count-now').textContent = all?.length || '';
  byId('count-approvals').textContent = mine || '';
}

function drawFrame() {
  document.documentElement.lang = lang() === 'zh' ? 'zh-CN' : 'en';
  document.title = word(app.name === 'change' ? 'aChange' : app.name ?? 'now') + ' · ' + word('title');
  document.querySelectorAll('[data-word]').forEach((el) => { el.textContent = word(el.dataset.word); });
  document.querySelectorAll('[data-label]').forEach((el) => el.setAttribute('aria-label', word(el.dataset.label)));
  document.querySelectorAll('.lang button').forEach((el) => el.setAttribute('aria-pressed', String(el.dataset.lang === lang())));
  const at = app.setup.function ?? '';
  byId('sub').textContent = app.me() ? word('you', { name: app.me(), function: at }) : at ? word('atFunction', { function: at }) : '';
  byId('chat').hidden = !app.setup.chat;
  if (app.setup.chat) byId('chat').href = app.setup.chat;
  if (app.state) byId('state').textContent = word(app.state);
  drawCounts();
}

function choose(tag) {
  setLang(tag);
  store.set('lang', tag);
  drawFrame();
  view?.draw();
}

document.querySelectorAll('.lang button').forEach((el) => el.addEventListener('click', () => choose(el.dataset.lang)));
document.querySelector('.skip').addEventListener('click', (ev) => { ev.preventDefault(); byId('main').focus(); });
byId('goto').addEventListener('submit', (ev) => {
  ev.preventDefault();
  const id = byId('goto-id').value.trim().toLowerCase();
  if (id) location.hash = '#/change/' + encodeURIComponent(id);
});
window.addEventListener('hashchange', () => { route(); byId('main').focus({ preventScroll: true }); });

setLang(new URLSearchParams(location.search).get('lang') ?? store.get('lang') ?? (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'));
drawFrame();
await api.start();
app.setup = await api.ask('api/setup').catch(() => ({}));
route();
