// The next openings and freezes of the servers that have any.
import { make, badge } from './dom.js';
import { word } from './words.js';
import { fieldName } from './labels.js';
import { at, both } from './times.js';
import { list, serverName } from './parts.js';

const SHOWN = 3; // openings and freezes of each group of settings

// openings is nothing if no server has a window or a freeze.
export function openings(schedules) {
  const some = schedules.filter((s) => s.parts.some((p) => p.windows?.length || p.spans.length));
  if (!some.length) return null;
  return make('section', { class: 'card', 'data-windows': '' }, make('h3', {}, word('windowsTitle')),
    make('ol', { class: 'queue' }, some.map((s) => make('li', {}, make('b', {}, serverName(s)), s.parts.filter((p) => s.parts.length === 1 || p.windows?.length).map((p) => part(s, p))))));
}

function part(s, p) {
  const settings = s.parts.length === 1 ? word('allSettings') : list(p.settings.map(fieldName));
  const all = p.spans.filter((span) => new Date(span.until) > new Date()).slice(0, SHOWN);
  return [make('div', { class: 'row' }, make('span', { class: 'small' }, settings), badge(standing(p), p.open ? 'good' : 'warn')),
    all.length ? make('ul', { class: 'notes' }, all.map((span) => make('li', {}, words(span)))) : null];
}

function standing(p) {
  if (p.open) return p.closesAt ? word('openUntil', { time: both(p.closesAt) }) : word('openNow');
  if (!p.opensAt) return word('closedLong');
  return p.freeze ? word('frozenUntil', { name: p.freeze, time: both(p.opensAt) }) : word('closedUntil', { time: both(p.opensAt) });
}

const words = (span) => word(span.freeze ? 'freezing' : 'opening', { name: span.freeze, names: list(span.windows ?? []), from: at(span.from), until: at(span.until) }) + (span.reason ? ' · ' + span.reason : '');
