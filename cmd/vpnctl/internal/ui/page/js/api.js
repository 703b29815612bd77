// The questions to vpnctl, which signs them and asks the function.

let token = '';

// start takes the token out of the URL, so that it is in no link that somebody copies.
// The origin keeps it: a new tab of the same page works without it.
export async function start() {
  const given = new URLSearchParams(location.hash.slice(1));
  const code = given.get('code');
  token = given.get('token') ?? keep.get();
  if (given.has('code') || given.has('token')) history.replaceState(null, '', location.pathname + '#/now');
  if (code) {
    const got = await ask('api/session', { code }).catch(() => null);
    if (got) token = got.token;
  }
  keep.set(token);
}

const keep = {
  get() { try { return localStorage.getItem('ui.token') ?? ''; } catch { return ''; } },
  set(value) { try { localStorage.setItem('ui.token', value); } catch { /* a private window */ } },
};

// Failed is an answer that is no success. kind is that of docs/errors.md, or "no-answer"
// where vpnctl or the function could not be reached.
export class Failed extends Error {
  constructor(status, problem) {
    super(problem?.title ?? '');
    this.status = status;
    this.kind = (problem?.type ?? '').split(':').pop() || 'no-answer';
    this.title = problem?.title ?? '';
    this.detail = problem?.detail ?? '';
    this.problems = problem?.problems ?? [];
  }
}

// ask asks one question; a body makes it a write.
export async function ask(path, body) {
  const options = { headers: { Authorization: 'Bearer ' + token }, cache: 'no-store', signal: AbortSignal.timeout(60000) };
  if (body) {
    options.method = 'POST';
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Failed(0, { type: 'x:no-vpnctl' });
  }
  const data = await response.json().catch(() => null);
  if (!response.ok || data === null) throw new Failed(response.status, data);
  return data;
}

// query writes the parameters that have a value.
export function query(values) {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value) out.set(name, value);
  const text = out.toString();
  return text ? '?' + text : '';
}

export const changes = (filter) => ask('api/changes' + query(filter));
export const change = (id) => ask('api/changes/' + encodeURIComponent(id));
export const plan = (id, lang) => ask('api/changes/' + encodeURIComponent(id) + '/plan' + query({ lang }));
export const servers = () => ask('api/servers');
export const windows = () => ask('api/windows');
export const permissions = (question) => ask('api/permissions' + query(question));
export const vote = (body) => ask('api/votes', body);

// slower is the pause between two looks at a list: each of its changes costs the function a
// request to the store.
export const slower = (pause, n) => pause * Math.max(1, Math.ceil(n / 20));

// waiting lists all changes that have not ended, page after page, up to a bound.
export async function waiting(bound) {
  const out = { changes: [], more: false };
  let cursor = '';
  do {
    const page = await changes({ status: 'waiting', limit: '100', cursor });
    out.changes.push(...(page.changes ?? []));
    cursor = page.next ?? '';
  } while (cursor && out.changes.length < bound);
  out.more = cursor !== '';
  return out;
}
