/** The part of the page's script that asks the API, and does what is clicked. */
export const actions = String.raw`
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
let over = false;

/** Returns the answer; undefined, and says why, where there is none to show. */
const ask = async (path, body = {}) => {
  let answer;
  try {
    answer = await fetch(base + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token, ...body }) });
  } catch {
    say(t.offline);
    return undefined;
  }
  if (answer.ok) {
    say('');
    return answer;
  }
  over = over || answer.status === 404;
  say(answer.status === 404 ? t.gone : answer.status === 429 ? t.busy : t.offline);
  if (over) { state.all = undefined; show(); }
  return undefined;
};
const asJson = async (answer) => (answer === undefined ? undefined : answer.json());

const load = async () => {
  const all = await asJson(await ask(''));
  if (all === undefined) return;
  state.all = all;
  if (all.domains.length === 1 && state.domain === undefined) await choose(all.domains[0].name);
  else show();
};

const readRecords = async () => {
  const domain = state.domain;
  const records = await asJson(await ask('/records', { domain }));
  if (records !== undefined && domain === state.domain) state.records = records;
  show();
};

const choose = async (domain) => {
  Object.assign(state, { domain, records: undefined, connect: undefined, dns: undefined });
  show();
  if (domain === undefined) return load();
  await readRecords();
  scrollTo(0, 0);
  void offerConnect(domain);
  await check(false);
};

/** What the page can do without: undefined where it does not come. */
const askOnce = (path, domain) =>
  fetch(base + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token, domain }) })
    .then((answer) => (answer.ok ? answer.json() : undefined), () => undefined);

/** Where the DNS is, and the provider's own button, where it has one. */
const offerConnect = async (domain) => {
  if (!state.records || state.records.records.every(isRight)) return;
  const dns = await askOnce('/dns', domain);
  if (domain !== state.domain) return;
  if (dns && dns.nameServers.length > 0) state.dns = dns;
  show();
  const found = await askOnce('/domain-connect', domain);
  if (found === undefined || !found.supported || domain !== state.domain) return;
  state.connect = { provider: found.provider, applyUrl: found.applyUrl };
  show();
};

/** Has the records checked, and shows the result of that check or of a later one. */
const check = async (clicked) => {
  const domain = state.domain;
  if (state.busy || domain === undefined) return;
  state.busy = clicked;
  show();
  const before = state.records && state.records.checkedAt;
  const answer = await ask('/checks', { domain });
  if (answer !== undefined) {
    const waits = answer.status === 202;
    if (!waits && domain === state.domain) state.records = await answer.json();
    for (let turn = 0; waits && turn < 4 && domain === state.domain; turn += 1) {
      await sleep(2000);
      await readRecords();
      if (state.records && state.records.checkedAt !== before) break;
    }
  }
  state.busy = false;
  show();
};

const copy = async (button, code, text) => {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = t.copied;
    say(t.copied);
    setTimeout(() => { button.textContent = t.copy; }, 2000);
  } catch {
    getSelection().selectAllChildren(code);
    say(t.copyFailed);
  }
};

const extensions = { bind: 'zone', cloudflare: 'cloudflare.txt', route53: 'route53.json', terraform: 'tf', csv: 'csv' };
const download = async (format) => {
  const answer = await ask('/exports', { domain: state.domain, format });
  if (answer === undefined) return;
  const href = URL.createObjectURL(await answer.blob());
  el('a', { href, download: state.domain + '.' + extensions[format] }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
};

const stop = async () => {
  if ((await ask('/reminders')) === undefined) return;
  state.stopped = true;
  show();
};

const run = async () => {
  document.body.prepend(languageSelect());
  await load();
  for (;;) {
    await sleep(CHECK_EVERY_MS);
    if (over || document.visibilityState !== 'visible') continue;
    if (!state.all) await load();
    else if (state.domain && !state.records) await readRecords();
    else if (state.records && state.records.records.some((record) => !isRight(record))) await check(false);
  }
};
void run();
`;
