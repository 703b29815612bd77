// Elements. Whatever comes from the function goes into the page as text, never as markup.

// make builds an element; children are elements or text.
export function make(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === 'class') el.className = value;
    else if (key.startsWith('on')) el.addEventListener(key.slice(2), value);
    else el.setAttribute(key, value === true ? '' : value);
  }
  el.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return el;
}

export const byId = (id) => document.getElementById(id);

// button makes a button of a kind: "", "primary", "danger", "danger primary".
export function button(label, kind, onclick, props) {
  return make('button', { type: 'button', class: ('act ' + (kind ?? '')).trim(), onclick, ...props }, label);
}

export const badge = (text, tone) => make('span', { class: 'badge ' + (tone ?? '') }, text);

// facts lists names and values; a value that is not there leaves its name out.
export function facts(pairs) {
  return make('dl', { class: 'facts' }, pairs.filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false)
    .map(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]));
}

// replace puts new content into a place and keeps the focus: on the element with the same
// id or data-key as before.
export function replace(place, ...children) {
  const had = place.contains(document.activeElement) ? document.activeElement : null;
  const key = had?.id ? '#' + CSS.escape(had.id) : had?.dataset.key ? `[data-key="${CSS.escape(had.dataset.key)}"]` : '';
  place.replaceChildren(...children.flat(Infinity).filter(Boolean));
  if (!had || document.activeElement === had) return;
  if (had.isConnected) had.focus();
  else if (key) place.querySelector(key)?.focus();
}

// selecting reports whether somebody selects text in a place: a redraw would lose it.
export function selecting(place) {
  const chosen = getSelection();
  return Boolean(chosen && !chosen.isCollapsed && place.contains(chosen.anchorNode));
}

// say announces a sentence to those who do not see the page.
export function say(text) {
  const live = byId('live');
  if (live.textContent === text) live.textContent = '';
  live.textContent = text;
}
