'use strict';
// The page of the local cloud's chat. Whatever comes from a message goes into
// the page as text, never as markup.

const base = '/local/chat';
const byId = (id) => document.getElementById(id);
const store = {
  get(key) { try { return localStorage.getItem('chat.' + key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem('chat.' + key, value); } catch { /* private window */ } },
};
const query = new URLSearchParams(location.search);
const pick = (name, fallback) => query.get(name) || store.get(name) || fallback;

const state = {
  lang: pick('lang', navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'),
  platform: pick('platform', 'dingtalk'), person: pick('person', 'mei'),
  setup: null, messages: new Map(), exchanges: new Map(), unread: new Set(), down: new Set(), open: new Set(), past: [], at: 0,
};
if (!WORDS[state.lang]) state.lang = 'en';

function word(key, values) {
  let text = WORDS[state.lang][key] ?? key;
  for (const [name, value] of Object.entries(values ?? {})) text = text.replace('{' + name + '}', value);
  return text;
}

// make builds an element; children are elements or text.
function make(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === false) continue;
    if (key === 'class') el.className = value;
    else if (key.startsWith('on')) el.addEventListener(key.slice(2), value);
    else el.setAttribute(key, value === true ? '' : value);
  }
  el.append(...children.filter((c) => c !== null && c !== undefined));
  return el;
}

async function post(path, body) {
  try {
    const response = await fetch(base + '/' + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    const data = await response.json();
    if (!response.ok) throw new Error(data.error);
    return data;
  } catch (err) {
    say(err.message);
    return null;
  }
}

// say shows a short notice.
function say(text) {
  const note = make('div', { class: 'toast', role: 'alert' }, text);
  document.body.append(note);
  setTimeout(() => note.remove(), 5000);
}

const personName = (key) => word(key);
const account = (key) => state.setup.people.find((p) => p.key === key)?.accounts[state.platform];
const personOf = (user) => state.setup.people.find((p) => Object.values(p.accounts).includes(user));
const initials = (key) => (key === 'bot' ? 'V' : { mei: '梅', jun: '军', mei2: '梅', guest: '客' }[key] ?? key[0]);
const clock = (at) => new Date(at).toLocaleTimeString(state.lang === 'zh' ? 'zh-CN' : 'en-GB', { hour: '2-digit', minute: '2-digit' });

// ---- messages ----

const colors = { info: 'good', green: 'good', comment: 'dim', grey: 'dim', gray: 'dim', warning: 'warn', orange: 'warn', red: 'bad' };

function span(sp, message) {
  const text = sp.mention ? '@' + (mentionName(sp.mention) ?? sp.text.replace(/^@/, '')) : sp.text;
  if (sp.button) return button(message.buttons.find((b) => b.label === sp.button), message);
  let el = sp.code ? make('code', {}, text) : make('span', {}, text);
  if (sp.mention) el.className = 'mention';
  if (sp.color) el.classList.add('c-' + (colors[sp.color] ?? 'plain'));
  if (sp.link) el = make('span', { class: 'link', title: sp.link }, el); // shown, not followed: this is a rehearsal
  if (sp.bold) el = make('strong', {}, el);
  if (sp.italic) el = make('em', {}, el);
  if (sp.strike) el = make('s', {}, el);
  return el;
}

function mentionName(user) {
  const person = personOf(user);
  return person ? personName(person.key) : null;
}

function block(b, message) {
  const spans = () => (b.spans ?? []).map((sp) => span(sp, message));
  switch (b.kind) {
    case 'heading': return make('h3', { class: 'h' + (b.level ?? 3) }, ...spans());
    case 'quote': return make('blockquote', {}, ...spans());
    case 'item': return make('div', { class: 'item' }, ...spans());
    case 'code': return make('pre', {}, ...spans());
    case 'rule': return make('hr');
    case 'note': return make('p', { class: 'note' }, ...spans());
    default: return make('p', {}, ...spans());
  }
}

function button(b, message) {
  const send = () => post('click', { message: message.id, button: b.label, person: state.person });
  const click = () => (b.confirm ? ask(b.confirm, send) : send());
  return make('button', { type: 'button', class: 'act ' + (b.inline ? 'inline ' : '') + (b.style ?? ''), title: b.inline || state.platform === 'dingtalk' ? b.command : undefined, onclick: click }, b.label);
}

// ask shows the question that a platform asks before it sends a command.
function ask(question, send) {
  const answer = (yes) => () => { dialog.close(); if (yes) send(); };
  const dialog = make('dialog', { class: 'ask', 'aria-label': question.title, onclose: () => dialog.remove() },
    make('h2', {}, question.title), make('p', {}, question.text),
    make('div', { class: 'acts' }, make('button', { type: 'button', class: 'act', 'data-answer': 'no', onclick: answer(false) }, question.cancel || word('askNo')),
      make('button', { type: 'button', class: 'act primary', 'data-answer': 'yes', onclick: answer(true) }, question.ok || word('askYes'))));
  document.body.append(dialog);
  dialog.showModal();
}

function typedText(m) {
  const bot = { dingtalk: '@' + word('bot'), feishu: '@' + word('bot'), wecom: '@VPNbot', slack: '/vpn' }[m.platform];
  return [make('span', { class: m.platform === 'slack' ? 'slash' : 'mention' }, bot), ' ' + m.text];
}

function bubble(m) {
  if (m.kind === 'clicked') {
    return make('div', { class: 'event', id: 'm-' + m.id }, word('clicked', { name: personName(m.person), label: m.text }), failure(m));
  }
  const bot = m.kind === 'bot';
  if (bot && m.tone === 'toast') return make('div', { class: 'event', id: 'm-' + m.id }, m.text);
  const own = m.person === state.person;
  const who = bot ? word('bot') : personName(m.person);
  const body = make('div', { class: 'body' });
  if (m.onlyFor) body.append(make('div', { class: 'only' }, word('onlyYou')));
  const content = make('div', { class: 'bubble' + (m.title ? ' card' : '') });
  if (m.title) content.append(make('div', { class: 'cardhead t-' + (m.tone || 'none') }, m.title));
  const inner = make('div', { class: 'content' });
  if (bot) (m.blocks ?? []).forEach((b) => inner.append(block(b, m)));
  else inner.append(make('p', {}, ...typedText(m)));
  const outside = (m.buttons ?? []).filter((b) => !b.inline);
  if (outside.length) inner.append(make('div', { class: 'acts' }, ...outside.map((b) => button(b, m))));
  content.append(inner);
  const inText = (m.blocks ?? []).some((b) => (b.spans ?? []).some((sp) => sp.mention));
  if (bot && m.mentions?.length && !inText) {
    inner.append(make('p', { class: 'at' }, ...m.mentions.map((u) => make('span', { class: 'mention' }, '@' + (mentionName(u) ?? u) + ' '))));
  }
  body.append(
    make('div', { class: 'meta' }, make('span', { class: 'who' }, who), bot ? make('span', { class: 'badge' }, word('app')) : null,
      make('time', { datetime: m.at }, clock(m.at)), m.way ? make('span', { class: 'way' }, word(m.way)) : null, m.edits ? make('span', { class: 'way' }, word('edited')) : null),
    content,
  );
  const failed = failure(m);
  if (failed) body.append(failed);
  return make('article', { class: 'msg ' + (bot ? 'bot' : own ? 'own' : 'other'), id: 'm-' + m.id, 'data-kind': m.kind }, 
    make('div', { class: 'avatar a-' + (bot ? 'bot' : m.person), 'aria-hidden': 'true' }, initials(bot ? 'bot' : m.person)), body);
}

function failure(m) {
  if (!m.failed) return null;
  const text = m.failed === 'late' ? word('failedLate', { limit: state.setup.limits[m.platform] / 1000 }) : word('failed', { code: m.failed });
  return make('div', { class: 'failed', role: 'alert' }, text);
}

const visible = (m) => m.platform === state.platform && m.room === state.setup.room && !m.deleted && (!m.onlyFor || m.onlyFor === account(state.person));

function drawMessages() {
  const list = byId('messages');
  const all = [...state.messages.values()].filter(visible);
  list.replaceChildren(...(all.length ? all.map(bubble) : [make('p', { class: 'empty' }, word('empty'))]));
  list.scrollTop = list.scrollHeight;
}

function onMessage(m) {
  const known = state.messages.has(m.id);
  state.messages.set(m.id, m);
  if (m.platform !== state.platform) {
    if (m.kind === 'bot' && ready) { state.unread.add(m.platform); drawSide(); }
    return;
  }
  const list = byId('messages');
  const old = byId('m-' + m.id);
  if (!visible(m)) { old?.remove(); return; }
  if (known && old) { old.replaceWith(bubble(m)); return; }
  list.querySelector('.empty')?.remove();
  list.append(bubble(m));
  list.scrollTop = list.scrollHeight;
}

// ---- side, chips, words ----

function drawSide() {
  byId('platforms').replaceChildren(...state.setup.platforms.map((name) => make('button', {
    type: 'button', role: 'tab', class: 'tab p-' + name, 'aria-selected': String(name === state.platform), 'aria-controls': 'room',
    tabindex: name === state.platform ? '0' : '-1', 'data-platform': name, onclick: () => choose({ platform: name }),
  }, make('span', { class: 'dot', 'aria-hidden': 'true' }, { dingtalk: '钉', feishu: '飞', wecom: '企', slack: 'S' }[name]), make('span', { class: 'tabname' }, word(name)), state.unread.has(name) ? make('span', { class: 'unread', 'aria-label': '●' }) : null)));
  byId('people').replaceChildren(...state.setup.people.map((p) => make('button', {
    type: 'button', role: 'radio', class: 'person', 'aria-checked': String(p.key === state.person), tabindex: p.key === state.person ? '0' : '-1',
    'data-person': p.key, onclick: () => choose({ person: p.key }),
  }, make('span', { class: 'avatar a-' + p.key, 'aria-hidden': 'true' }, initials(p.key)),
    make('span', { class: 'two' }, make('b', {}, personName(p.key)), make('small', {}, word(p.key + 'Role'))))));
}

// Arrow keys move within a group, as roles tab and radio promise.
for (const group of ['platforms', 'people']) {
  byId(group).addEventListener('keydown', (ev) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[ev.key];
    if (!step) return;
    ev.preventDefault();
    const all = [...byId(group).children];
    const next = (all.indexOf(document.activeElement) + step + all.length) % all.length;
    all[next].click();
    byId(group).children[next].focus();
  });
}

function choose(change) {
  Object.assign(state, change);
  for (const [key, value] of Object.entries(change)) store.set(key, value);
  state.unread.delete(state.platform);
  draw();
}

function draw() {
  document.documentElement.lang = state.lang === 'zh' ? 'zh-CN' : 'en';
  document.body.dataset.platform = state.platform;
  document.title = word('title') + ' · ' + word(state.platform);
  document.querySelectorAll('[data-word]').forEach((el) => { el.textContent = word(el.dataset.word); });
  document.querySelectorAll('[data-label]').forEach((el) => el.setAttribute('aria-label', word(el.dataset.label)));
  document.querySelectorAll('.lang button').forEach((el) => el.setAttribute('aria-pressed', String(el.dataset.lang === state.lang)));
  byId('roomsub').textContent = word('sub_' + state.platform);
  byId('prefix').textContent = { dingtalk: '@' + word('bot'), feishu: '@' + word('bot'), wecom: '@VPNbot', slack: '/vpn' }[state.platform];
  byId('input').placeholder = word('placeholder');
  byId('chips').replaceChildren(...WORDS[state.lang].chips.map((text) => make('button', {
    type: 'button', class: 'chip', onclick: () => { byId('input').value = text; byId('input').focus(); },
  }, text)));
  drawConnection();
  if (!state.setup) return;
  drawSide();
  drawMessages();
  drawWire();
}

// ---- wire ----

function lastTyped() {
  return [...state.messages.values()].filter((m) => m.platform === state.platform && m.kind !== 'bot').pop();
}

function drawWire() {
  if (byId('wire').hidden) return;
  const again = (how) => make('button', { type: 'button', 'data-how': how, onclick: () => {
    const last = lastTyped();
    if (last) post('again', { message: last.id, how }); else say(word('noMessage'));
  } }, word(how));
  const isDown = state.down.has(state.platform);
  const replies = (body) => post('replies', { platform: state.platform, ...body });
  byId('faults').replaceChildren(
    make('h3', {}, word('again')), make('div', { class: 'row' }, ...['redelivered', 'replayed', 'forged', 'expired', 'tampered'].map(again)),
    make('h3', {}, word('replies')), make('div', { class: 'row' },
      make('button', { type: 'button', onclick: () => replies({ refuse: 2 }) }, word('refuse')),
      make('button', { type: 'button', 'aria-pressed': String(isDown), onclick: async () => {
        if (await replies({ down: !isDown })) { if (isDown) state.down.delete(state.platform); else state.down.add(state.platform); drawWire(); }
      } }, word(isDown ? 'up' : 'down'))),
  );
  const all = [...state.exchanges.values()].filter((e) => e.platform === state.platform).slice(-40).reverse();
  byId('exchanges').replaceChildren(...(all.length ? all.map(exchange) : [make('p', { class: 'empty' }, word('none'))]));
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

function exchange(e) {
  const good = e.status >= 200 && e.status < 300 && !e.problem;
  const el = make('details', { class: 'exchange', 'data-what': e.what },
    make('summary', {}, make('span', { class: 'status ' + (good ? 'ok' : 'no') }, e.status || '—'),
      make('span', { class: 'what' }, word('what_' + e.what)), make('span', { class: 'dir' }, (e.incoming ? '← ' + word('fromFunction') : '→ ' + word('toFunction'))),
      make('span', { class: 'took' }, Math.max(1, Math.round(e.tookNs / 1e6)) + ' ms')),
    e.problem ? make('p', { class: 'failed' }, e.problem) : null,
    make('h4', {}, word('request')), make('pre', {}, [e.method + ' ' + e.url, ...(e.header ?? []), '', e.plain ? e.body : pretty(e.body)].join('\n')),
    e.plain ? make('h4', {}, word('decrypted')) : null, e.plain ? make('pre', {}, pretty(e.plain)) : null,
    make('h4', {}, word('answered')), make('pre', {}, e.status ? [String(e.status), ...(e.answerHeader ?? []), '', pretty(e.answer)].join('\n') : word('noAnswer')),
    e.answerPlain ? make('h4', {}, word('decrypted')) : null, e.answerPlain ? make('pre', {}, pretty(e.answerPlain)) : null,
  );
  el.open = state.open.has(e.number);
  el.addEventListener('toggle', () => { if (el.open) state.open.add(e.number); else state.open.delete(e.number); });
  return el;
}

function onExchange(e) {
  state.exchanges.set(e.number, e);
  if (state.exchanges.size > 300) state.exchanges.delete(state.exchanges.keys().next().value);
  if (e.platform === state.platform) drawWire();
}

function toggleWire(open) {
  byId('wire').hidden = !open;
  byId('wire-toggle').setAttribute('aria-expanded', String(open));
  document.body.classList.toggle('wired', open);
  store.set('wire', open ? '1' : '');
  if (state.setup) drawWire();
}

// ---- start ----

let ready = false;
let connected = false;
function drawConnection() {
  byId('state').textContent = word(connected ? 'live' : 'lost');
  byId('state').classList.toggle('on', connected);
}

byId('form').addEventListener('submit', (ev) => {
  ev.preventDefault();
  const input = byId('input');
  const text = input.value.trim();
  if (!text) return;
  state.past.push(text);
  state.at = state.past.length;
  input.value = '';
  post('say', { platform: state.platform, person: state.person, text });
});
byId('input').addEventListener('keydown', (ev) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[ev.key];
  if (!step || !state.past.length) return;
  ev.preventDefault();
  state.at = Math.min(Math.max(state.at + step, 0), state.past.length);
  byId('input').value = state.past[state.at] ?? '';
});
// speak has the bot answer in the page's language, with times in the browser's zone.
const speak = () => post('speak', { lang: state.lang, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone });
document.querySelectorAll('.lang button').forEach((el) => el.addEventListener('click', () => { choose({ lang: el.dataset.lang }); speak(); }));
byId('wire-toggle').addEventListener('click', () => toggleWire(byId('wire').hidden));
byId('wire-close').addEventListener('click', () => { toggleWire(false); byId('wire-toggle').focus(); });

draw();
(async () => {
  state.setup = await (await fetch(base + '/setup')).json();
  if (!state.setup.platforms.includes(state.platform)) state.platform = state.setup.platforms[0];
  if (!state.setup.people.some((p) => p.key === state.person)) state.person = state.setup.people[0].key;
  byId('beside').hidden = !state.setup.beside;
  byId('beside').href = state.setup.beside || '#';
  toggleWire(pick('wire', '') === '1');
  draw();
  await speak();
  const events = new EventSource(base + '/events');
  // A connection starts with all that there is: a restarted cloud has forgotten.
  events.onopen = () => { connected = true; state.messages.clear(); state.exchanges.clear(); draw(); setTimeout(() => { ready = true; }, 300); };
  events.onerror = () => { connected = false; drawConnection(); };
  events.addEventListener('message', (ev) => onMessage(JSON.parse(ev.data)));
  events.addEventListener('exchange', (ev) => onExchange(JSON.parse(ev.data)));
  byId('input').focus();
})();
