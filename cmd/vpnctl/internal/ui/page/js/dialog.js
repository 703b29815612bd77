// The dialog that asks before something is done. It is the browser's own: Escape closes
// it, and the focus stays in it and returns.
import { make, button, byId } from './dom.js';
import { word } from './words.js';

// confirm asks, and resolves to the reason that was typed ("" for none), or to null when
// the answer is no. The safe button has the focus.
export function confirm({ title, lines, label, danger, reason }) {
  const box = byId('ask');
  const text = reason ? make('textarea', { id: 'ask-reason', maxlength: '500' }) : null;
  return new Promise((done) => {
    const finish = (answer) => { done(answer); box.close(); }; // only the first answer counts
    const no = button(word('back'), '', () => finish(null));
    const yes = button(label, danger ? 'danger primary' : 'primary', () => finish(text?.value.trim() ?? ''), { id: 'ask-yes' });
    box.replaceChildren(
      make('h2', { id: 'ask-title' }, title),
      make('ul', { class: 'notes' }, lines.map((line) => make('li', { class: line.tone }, line.text))),
      ...(text ? [make('label', { for: 'ask-reason' }, word('reasonOptional'), text)] : []),
      make('div', { class: 'acts' }, no, yes),
    );
    // The event comes late: it may be that of the dialog before, while this one is open.
    box.onclose = () => { if (!box.open) done(null); };
    box.showModal();
    (text ?? no).focus();
  });
}
