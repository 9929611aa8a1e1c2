/** The part of the page's script that makes what is shown from `state`. */
export const view = String.raw`
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
const el = (tag, props, ...children) => {
  const made = Object.assign(document.createElement(tag), props);
  made.append(...children.filter((one) => one !== undefined && one !== false));
  return made;
};
const isRight = ({ status }) => status === 'ok' || status === 'ok-external' || status === 'warning';
const day = (iso) => new Intl.DateTimeFormat(lang, { dateStyle: 'long' }).format(new Date(iso));
const time = (iso) => new Intl.DateTimeFormat(lang, { timeStyle: 'medium' }).format(new Date(iso));
/** A sentence that no greeting goes before. */
const begun = (text) => (state.all.name ? text : text[0].toUpperCase() + text.slice(1));
const bar = ({ right, total }) => {
  const inner = el('div', {});
  inner.style.width = (total ? (100 * right) / total : 0) + '%';
  const outer = el('div', { className: 'bar' }, inner);
  outer.setAttribute('aria-hidden', 'true');
  return outer;
};
const progress = ({ required }) =>
  required.right === required.total ? t.done : fill(t.progress, required);

/** A text with a button that copies it. */
const copyable = (id, label, text) => {
  const code = el('code', {}, text);
  const button = el('button', { type: 'button', id: 'copy-' + id, onclick: () => copy(button, code, text) }, t.copy);
  button.setAttribute('aria-label', t.copy + ': ' + label);
  return [el('dt', {}, label), el('dd', {}, code, button)];
};

const shownName = (name) => {
  const zone = zoneOf();
  if (!state.short || !(name === zone || name.endsWith('.' + zone))) return name;
  return name === zone ? '@' : name.slice(0, -zone.length - 1);
};

const valueParts = ({ id, type, value, status, correction }) => {
  if (value === '') return [el('p', {}, status === 'preparing' ? t.preparing : t.byHand)];
  if (type !== 'MX') return copyable(id + '-value', t.value, value);
  const [priority, server] = value.split(' ');
  return [...copyable(id + '-value', t.server, server), ...copyable(id + '-priority', t.priority, priority)];
};

const hintOf = ({ code, name, hint }) =>
  hint === null ? undefined : hints === null ? hint : code in hints ? fill(hints[code], { name }) : hint;

const foundIn = ({ observed, value, correction }) => {
  const others = observed.filter((text) => text !== value);
  if (others.length === 0) return undefined;
  const marks = (correction ? correction.changes : []).flatMap(({ kind, text }) => [' ', el(kind === 'added' ? 'ins' : 'del', {}, text)]);
  return el('p', { className: 'soft' }, t.found + ' ', el('code', {}, others.join(' · ')), ...marks);
};

const card = (record) => {
  const good = isRight(record);
  const why = record.purpose === 'dmarc' && record.required ? t.why.parked : t.why[record.purpose];
  return el(
    'article',
    { id: 'record-' + record.id },
    el('div', { className: 'head' },
      el('h3', {}, record.type + ' · ' + (t.titles[record.purpose] ?? kinds[record.purpose])),
      el('span', { className: 'state ' + (good ? 'good' : record.status === 'wrong' ? 'bad' : '') }, (good ? '✓ ' : '') + t.status[record.status])),
    // What is right has no more to copy; its name distinguishes it from others of its kind.
    (record.status === 'ok' || record.status === 'ok-external') && el('p', {}, el('code', {}, shownName(record.name))),
    el('p', { className: 'soft' }, why ?? record.why),
    !good && hintOf(record) !== undefined && record.status !== 'missing' && el('p', {}, hintOf(record)),
    record.status === 'ok-external' && hintOf(record) !== undefined && el('p', {}, hintOf(record)),
    record.status !== 'ok' && record.status !== 'ok-external' && el('dl', {}, ...copyable(record.id + '-name', t.name, shownName(record.name)), ...valueParts(record)),
    !good && foundIn(record),
  );
};

const part = (title, why, records) =>
  records.length === 0 ? [] : [el('h2', {}, title), el('p', { className: 'soft' }, why), ...records.map(card)];

const formats = { bind: 'BIND', cloudflare: 'Cloudflare', route53: 'Route 53', terraform: 'Terraform', csv: 'CSV' };
const files = () => [
  el('h2', {}, t.files),
  el('div', { className: 'row' }, ...Object.entries(formats).map(([format, title]) =>
    el('button', { type: 'button', id: 'file-' + format, onclick: () => download(format) }, title))),
];

const summary = () => state.all.domains.find(({ name }) => name === state.domain);

/** The provider with its name servers, by which people recognize it. */
const where = ({ provider, nameServers }) =>
  provider === null ? nameServers.join(', ') : provider + ' (' + nameServers.join(', ') + ')';

const zoneOf = () => (state.dns && state.dns.zone) || summary().zone;

const domainView = () => {
  const { name } = summary();
  const zone = zoneOf();
  const { records, progress: part_, checkedAt } = state.records;
  const remains = records.some((record) => !isRight(record));
  const connect = state.connect;
  const toggle = el('input', { type: 'checkbox', id: 'short', checked: state.short, onchange: () => { state.short = toggle.checked; show(); } });
  return [
    state.all.domains.length > 1 && el('p', {}, el('button', { type: 'button', id: 'back', onclick: () => choose(undefined) }, '← ' + t.back)),
    el('h1', {}, fill(t.title, { domain: name })),
    state.all.name && el('p', {}, fill(t.hello, { name: state.all.name })),
    el('p', {}, begun(fill(t.intro, { domain: name }))),
    bar(part_.required),
    el('p', { id: 'progress' }, progress(part_)),
    connect && el('p', {}, el('a', { className: 'button first', id: 'connect', href: connect.applyUrl, target: '_blank', rel: 'noopener noreferrer' }, fill(t.connect, connect))),
    connect && el('p', { className: 'soft' }, fill(t.connectWhy, connect)),
    remains && el('div', { className: 'row' }, el('button', { type: 'button', id: 'check', className: connect ? '' : 'first', disabled: state.busy, onclick: () => check(true) }, state.busy ? t.checking : t.check)),
    el('p', { className: 'soft', id: 'checked' }, checkedAt === null ? t.unchecked : fill(t.checked, { time: time(checkedAt) })),
    remains && el('p', { className: 'soft' }, t.slow),
    remains && state.dns && el('p', { id: 'where' }, fill(t.where, { zone, where: where(state.dns) })),
    remains && el('p', {}, el('label', {}, toggle, ' ', fill(t.shortNames, { domain: zone }))),
    ...part(t.required, t.requiredWhy, records.filter(({ required }) => required)),
    ...part(t.recommended, t.recommendedWhy, records.filter(({ required }) => !required)),
    ...(remains ? files() : []),
  ];
};

const listView = () => [
  el('h1', {}, fill(t.titleMany, { count: state.all.domains.length })),
  state.all.name && el('p', {}, fill(t.hello, { name: state.all.name })),
  el('p', {}, begun(t.introMany)),
  el('ul', { className: 'list' }, ...state.all.domains.map(({ name, progress: { required } }) =>
    el('li', {}, el('button', { type: 'button', id: 'domain-' + name, onclick: () => choose(name) },
      (required.right === required.total ? '✓ ' : '') + name, el('br', {}), el('span', { className: 'soft' }, fill(t.progress, required)))))),
];

const languageSelect = () => {
  const select = el('select', { id: 'language', onchange: () => { location.href = base + '?lang=' + select.value + location.hash; } },
    ...Object.entries(languages).map(([value, title]) => el('option', { value, selected: value === lang, lang: value }, title)));
  select.setAttribute('aria-label', t.language);
  return el('div', { className: 'top' }, select);
};

const footer = () => [
  state.all && el('p', { className: 'soft' }, fill(t.until, { date: day(state.all.expiresAt) })),
  state.all && state.all.reminds && el('p', {}, state.stopped ? t.stopped : el('button', { type: 'button', id: 'stop', onclick: stop }, t.stop)),
];

let shown = '';
/** Shows what changed; the element in use keeps its focus. */
const show = () => {
  const now = JSON.stringify([state, token === '']);
  if (now === shown) return;
  shown = now;
  const focused = document.activeElement && document.activeElement.id;
  const content = !state.all ? [] : state.domain === undefined ? listView() : state.records ? domainView() : [];
  document.getElementById('main').replaceChildren(...content.filter(Boolean));
  document.getElementById('foot').replaceChildren(...footer().filter(Boolean));
  document.title = state.domain ? fill(t.title, { domain: state.domain }) : state.all ? fill(t.titleMany, { count: state.all.domains.length }) : document.title;
  const again = focused && document.getElementById(focused);
  if (again) again.focus({ preventScroll: true });
};
const say = (text) => { document.getElementById('note').textContent = text; };
`;
