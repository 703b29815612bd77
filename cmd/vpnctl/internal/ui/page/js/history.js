// What ended: filters, and page after page.
import * as api from './api.js';
import { make, button, badge, replace, say } from './dom.js';
import { word } from './words.js';
import { statusName } from './labels.js';
import { at, span, timeOf } from './times.js';
import { askerName, changeLink, empty, failure, head, inWords, list, loading, serverName, status } from './parts.js';

const LIMIT = '50';
const ENDS = ['applied', 'unchanged', 'planned', 'rejected', 'superseded', 'failed', 'expired', 'cancelled'];
const BAD = 'failed,rejected,expired';

// view shows the list for the filters of the URL.
export function view(place, app, params) {
  const filter = { status: params.get('status') ?? 'ended', server: params.get('server') ?? '', by: params.get('by') ?? '', since: params.get('since') ?? '', until: params.get('until') ?? '' };
  const state = { filter, form: null, rows: null, next: '', searched: '', error: null, busy: false };
  // The form stays as it is while results come, so that nobody loses what they fill in.
  const draw = () => replace(place, head(word('history'), word('historySub')), state.form, ...results(state, more));
  const redraw = () => {
    const filled = state.form ? Object.fromEntries(new FormData(state.form)) : {};
    state.form = form({ ...filter, ...filled, since: filled.since || filter.since, until: filled.until || filter.until }, filter, app, apply);
    draw();
  };
  async function more() {
    if (state.busy) return;
    state.busy = true;
    draw();
    try {
      const page = await api.changes({ ...asked(filter), limit: LIMIT, cursor: state.next });
      state.rows = [...(state.rows ?? []), ...(page.changes ?? []).filter((c) => c.endedAt)];
      Object.assign(state, { next: page.next ?? '', searched: page.searchedUntil ?? '', error: null });
      say(word('shownCount', { n: state.rows.length }));
      app.connection('live');
    } catch (err) {
      state.error = err;
      app.connection('lost');
    }
    state.busy = false;
    draw();
  }
  function apply(values) {
    const to = '#/history' + api.query({ ...values, status: values.status === 'ended' ? '' : values.status });
    if (to === location.hash) { state.rows = null; state.next = ''; more(); } else location.hash = to;
  }
  redraw();
  app.loadServers().then(redraw, () => {});
  more();
  return { draw: redraw, stop() {} };
}

// asked is the filter as the function takes it: dates are those of this machine's zone,
// the last day included.
function asked(f) {
  const day = (text, add) => {
    if (!/^\d{4}-\d\d-\d\d$/.test(text)) return text;
    const d = new Date(text + 'T00:00:00');
    d.setDate(d.getDate() + add);
    return d.toISOString().slice(0, 19) + 'Z';
  };
  return { ...f, since: day(f.since, 0), until: day(f.until, 1) };
}

function form(f, shown, app, apply) {
  const option = (value, text, chosen) => make('option', { value, selected: value === chosen }, text);
  const names = app.servers().map((s) => s.name || s.sslVpnServerId);
  if (f.server && !names.includes(f.server)) names.push(f.server);
  const isDay = (text) => (/^\d{4}-\d\d-\d\d$/.test(text) ? text : '');
  const values = () => Object.fromEntries(new FormData(el));
  const ago = isDay(f.since) ? '' : f.since; // such as 7d, which no field shows
  const el = make('form', { class: 'card filters', autocomplete: 'off', onsubmit: (ev) => { ev.preventDefault(); const v = values(); apply({ ...v, since: v.since || (v.until ? '' : ago) }); } },
    field('status', word('fStatus'), make('select', { name: 'status', id: 'f-status' }, option('ended', word('anyStatus'), f.status), option(BAD, word('notWell'), f.status), ENDS.map((s) => option(s, statusName(s), f.status)))),
    field('server', word('fServer'), make('select', { name: 'server', id: 'f-server' }, option('', word('anyServer'), f.server), names.map((n) => option(n, n, f.server)))),
    field('by', word('fBy'), make('input', { name: 'by', id: 'f-by', value: f.by, maxlength: '130', placeholder: word('anyBody'), spellcheck: 'false' })),
    field('since', word('fSince'), make('input', { type: 'date', name: 'since', id: 'f-since', value: isDay(f.since) })),
    field('until', word('fUntil'), make('input', { type: 'date', name: 'until', id: 'f-until', value: isDay(f.until) })),
    make('div', { class: 'acts' }, make('button', { class: 'act primary', type: 'submit', id: 'f-show' }, word('show')),
      [7, 30].map((n) => button(word('last', { n }), '', () => apply({ ...values(), since: n + 'd', until: '' }), { 'aria-pressed': String(shown.since === n + 'd'), id: 'f-last-' + n })),
      f.since || f.until ? button(word('allTime'), '', () => apply({ ...values(), since: '', until: '' }), { id: 'f-all' }) : null));
  return el;
}

const field = (name, label, control) => make('div', { class: 'field' }, make('label', { for: 'f-' + name }, label), control);

function results(state, more) {
  if (!state.rows) return [state.error ? failure(state.error, more) : loading()];
  return [
    state.rows.length ? make('section', { class: 'card' }, make('div', { class: 'rows', role: 'table', 'aria-label': word('history') }, header(), ...state.rows.map(row)))
      : state.next ? null : empty(word('nothingFound'), word('nothingFoundText')),
    state.error ? failure(state.error, more) : null,
    make('p', { class: 'row' }, state.next ? button(word(state.busy ? 'loading' : 'more'), '', more, { disabled: state.busy, 'data-key': 'more' }) : null,
      make('span', { class: 'small' }, state.rows.length ? word('shownCount', { n: state.rows.length }) : ''),
      state.next && state.searched ? make('span', { class: 'small' }, word('searched', { time: at(state.searched) })) : null),
  ];
}

const columns = ['cEnded', 'cStatus', 'cServer', 'cChange', 'cBy', 'cApproved', 'cTook'];
const header = () => make('div', { class: 'hrow head', role: 'row' }, columns.map((key) => make('span', { role: 'columnheader' }, word(key))));

function row(c) {
  const cell = (key, ...content) => make('span', { role: 'cell', 'data-name': word(key) }, ...content);
  return make('div', { class: 'hrow', role: 'row', 'data-change': c.id },
    cell('cEnded', timeOf(make, c.endedAt)),
    cell('cStatus', status(c.status), c.undoes ? [' ', badge(word('undoOf').trim())] : null),
    cell('cServer', serverName(c)),
    cell('cChange', changeLink(c.id, inWords(c) + (c.more ? word('and') + word('moreSettings', { n: c.more }) : '')), c.code ? make('code', {}, c.code) : null, c.undo ? make('span', { class: 'small undo' }, word('undoneBy'), changeLink(c.undo)) : null),
    cell('cBy', askerName(c, c.by) || '—'), cell('cApproved', list(c.approvedBy ?? []) || '—'), cell('cTook', c.tookMs === undefined ? '—' : span(c.tookMs)));
}
