import { describe, expect, test } from 'vitest';
import { evaluateSpf, type SpfCheck } from '#shared/core/spf/evaluate.ts';
import { dnsOf, type Zone } from './memory-dns.ts';

const from = (ip: string, rest: Partial<SpfCheck> = {}): SpfCheck => ({
  ip,
  helo: 'mail.example.net',
  mailFrom: 'me@d.example',
  receiver: 'receiver.example',
  epochSeconds: 1,
  ...rest,
});
const verdict = (zone: Zone, ip = '192.0.2.1', rest: Partial<SpfCheck> = {}) =>
  evaluateSpf(from(ip, rest), dnsOf(zone).lookup);
const record = (text: string, more: Zone = {}): Zone => ({ 'd.example': { TXT: [text] }, ...more });

describe('the record', () => {
  test('that is not there gives none, as does a name that cannot have one', async () => {
    expect(await verdict({})).toMatchObject({ result: 'none' });
    expect(await verdict({ 'd.example': { TXT: ['other'] } })).toMatchObject({ result: 'none' });
    for (const mailFrom of ['a@localhost', 'a@x..example', `a@${'x'.repeat(64)}.example`]) {
      expect(await verdict({}, '192.0.2.1', { mailFrom })).toMatchObject({ result: 'none' });
    }
  });

  test('without an answer of DNS gives temperror', async () => {
    expect(await verdict({ 'd.example': 'timeout' })).toMatchObject({
      result: 'temperror',
      reason: 'DNS did not answer for d.example',
    });
  });

  test('that is there twice, or broken, gives permerror', async () => {
    const twice = { 'd.example': { TXT: ['v=spf1 -all', 'v=spf1 ~all'] } };
    expect(await verdict(twice)).toMatchObject({ result: 'permerror' });
    expect(await verdict(record('v=spf1 foo'))).toMatchObject({ result: 'permerror' });
  });
});

test('a bounce is judged by its HELO name, a local part that is missing is postmaster', async () => {
  const zone: Zone = {
    'mail.example.net': { TXT: ['v=spf1 exists:%{l}.%{o} -all'] },
    'postmaster.mail.example.net': { A: ['127.0.0.2'] },
  };
  for (const mailFrom of ['', 'mail.example.net', '@mail.example.net']) {
    expect(await verdict(zone, '192.0.2.1', { mailFrom })).toMatchObject({ result: 'pass' });
  }
});

test('what is no address is refused', async () => {
  await expect(verdict({}, '1.2.3')).rejects.toThrow(RangeError);
});

describe('each mechanism', () => {
  const more: Zone = {
    'mx.example': { A: ['192.0.2.7'], AAAA: ['2001:db8::7'] },
    'in.example': { TXT: ['v=spf1 ip4:192.0.2.9 -all'] },
    'soft.example': { TXT: ['v=spf1 ~ip4:192.0.2.9 ?all'] },
    'odd.example': { A: ['nonsense'] },
    '1.2.0.192.in-addr.arpa': { PTR: ['Host.d.example.', 'liar.example'] },
    'host.d.example': { A: ['192.0.2.1'] },
    'liar.example': { A: ['192.0.2.200'] },
    '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa': {
      PTR: ['host.d.example'],
    },
  };
  const at = (text: string, ip: string) =>
    verdict({ ...more, 'd.example': { A: ['192.0.2.1'], MX: ['10 mx.example'], TXT: [text] } }, ip);

  test.each([
    ['ip4:192.0.2.0/24', '192.0.2.200', 'pass'],
    ['ip4:192.0.2.0/24', '2001:db8::7', 'neutral'],
    ['ip6:2001:db8::/32', '2001:db8::7', 'pass'],
    ['ip4:192.0.2.1', '::ffff:192.0.2.1', 'pass'],
    ['a', '192.0.2.1', 'pass'],
    ['a/24', '192.0.2.99', 'pass'],
    ['a:mx.example//64', '2001:db8::99', 'pass'],
    ['a:odd.example', '192.0.2.1', 'neutral'],
    ['mx', '192.0.2.7', 'pass'],
    ['mx', '192.0.2.8', 'neutral'],
    ['exists:mx.example', '2001:db8::1', 'pass'],
    ['include:in.example', '192.0.2.9', 'pass'],
    ['include:in.example', '192.0.2.1', 'neutral'],
    ['include:soft.example', '192.0.2.9', 'neutral'],
    ['include:none.example', '192.0.2.9', 'permerror'],
    ['redirect=soft.example', '192.0.2.9', 'softfail'],
    ['redirect=none.example', '192.0.2.9', 'permerror'],
    ['ptr', '192.0.2.1', 'pass'],
    ['ptr:d.example', '192.0.2.1', 'pass'],
    ['ptr:liar.example', '192.0.2.1', 'neutral'],
    ['exists:%{p}', '192.0.2.1', 'pass'],
    ['-all', '192.0.2.1', 'fail'],
  ])('%s of %s: %s', async (term, ip, result) => {
    expect(await at(`v=spf1 ${term}`, ip)).toMatchObject({ result });
  });

  test('names what matched, and counts', async () => {
    expect(await at('v=spf1 exists:nothing.example mx ~all', '192.0.2.8')).toEqual({
      result: 'softfail',
      reason: '~all of d.example',
      lookups: 2,
      voidLookups: 1,
    });
  });

  test('fails for now where DNS does not answer for it', async () => {
    const zone = record('v=spf1 a:t.example -all', { 't.example': 'timeout' });
    expect(await verdict(zone)).toMatchObject({ result: 'temperror' });
  });
});

describe('the limits', () => {
  test('let 2 lookups be void, the third is an error', async () => {
    expect(await verdict(withLookups(2))).toMatchObject({ result: 'fail', voidLookups: 2 });
    expect(await verdict(withLookups(3))).toMatchObject({ result: 'permerror', voidLookups: 3 });
  });

  test('let 10 terms cause lookups, the eleventh is an error, in includes too', async () => {
    expect(await verdict(chain(10))).toMatchObject({ result: 'pass', lookups: 10 });
    expect(await verdict(chain(11))).toMatchObject({ result: 'permerror' });
    const circle = record('v=spf1 redirect=d.example');
    expect(await verdict(circle)).toMatchObject({ result: 'permerror', lookups: 11 });
  });

  test('let an mx have 10 hosts', async () => {
    expect(await verdict(hosts(10))).toMatchObject({ result: 'softfail' });
    expect(await verdict(hosts(11))).toMatchObject({ result: 'permerror' });
  });

  test('names that are too long lose labels from the left, and those that stay wrong find nothing', async () => {
    const long = `${'a'.repeat(60)}.`.repeat(5);
    const dns = dnsOf(record(`v=spf1 exists:${long}x.example exists:..x.example ~all`));
    expect(await evaluateSpf(from('192.0.2.1'), dns.lookup)).toMatchObject({ result: 'softfail' });
    expect(dns.asked).toEqual(['TXT d.example', `A ${`${'a'.repeat(60)}.`.repeat(4)}x.example`]);
    const endless = record(`v=spf1 exists:${'a'.repeat(300)}%{o1} ~all`);
    expect(await verdict(endless)).toMatchObject({ result: 'softfail' });
  });

  test('however many macros want the validated name, it is queried once', async () => {
    const dns = dnsOf(record(`v=spf1 exists:${'%{p}'.repeat(100)}.x.example ~all`));
    await evaluateSpf(from('192.0.2.1'), dns.lookup);
    expect(dns.asked.filter((question) => question.startsWith('PTR'))).toHaveLength(1);
  });
});

describe('the validated name', () => {
  test.each([
    ['is the domain itself first', ['z.example', 'sub.e.example', 'sub.e.example'], 'z.example'],
    ['then a name below it', ['z.example', 'below.d.example'], 'below.d.example'],
    ['unknown where there is none', [], 'unknown'],
  ])('%s', async (_, names, expected) => {
    expect((await verdict(ptr(...names))).explanation).toBe(expected);
  });

  test('is the domain itself before all others', async () => {
    const zone: Zone = {
      'd.example': { A: ['192.0.2.1'], TXT: ['v=spf1 exp=why.example -all'] },
      'why.example': { TXT: ['%{p}'] },
      'a.d.example': { A: ['192.0.2.1'] },
      '1.2.0.192.in-addr.arpa': { PTR: ['a.d.example', 'd.example'] },
    };
    expect((await verdict(zone)).explanation).toBe('d.example');
  });
});

describe('an explanation', () => {
  test('is expanded', async () => {
    expect((await explained(['%{i} is not ours, %{r} at %{t}'])).explanation).toBe(
      '192.0.2.1 is not ours, receiver.example at 1',
    );
  });

  test.each([
    ['missing', []],
    ['there twice', ['a', 'b']],
    ['no macro string', ['100%']],
    ['not ASCII', ['né']],
    ['endless', ['a'.repeat(9_000)]],
    ['not answered for', 'timeout'],
  ] as const)('that is %s is none', async (_, texts) => {
    const { result, explanation } = await explained(texts);
    expect({ result, explanation }).toEqual({ result: 'fail', explanation: undefined });
  });

  test('of a name that cannot be is none, and so is the one of an included record', async () => {
    expect((await verdict(record('v=spf1 exp=a..example -all'))).explanation).toBeUndefined();
    const zone = record('v=spf1 include:i.example -all', {
      'i.example': { TXT: ['v=spf1 exp=why.example -all'] },
      'why.example': { TXT: ['theirs'] },
    });
    expect(await verdict(zone)).toEqual({
      result: 'fail',
      reason: '-all of d.example',
      lookups: 1,
      voidLookups: 0,
    });
  });
});

test('an error of the lookup itself is not taken for an answer', async () => {
  await expect(evaluateSpf(from('192.0.2.1'), broken)).rejects.toThrow('the resolver is gone');
});

const withLookups = (mechanisms: number): Zone =>
  record(`v=spf1 ${'exists:%{i}.x.example '.repeat(mechanisms)}-all`, {
    '192.0.2.2.x.example': { A: ['127.0.0.2'] },
  });
const chain = (length: number): Zone =>
  Object.fromEntries(
    Array.from({ length: length + 1 }, (_, index) => [
      index === 0 ? 'd.example' : `i${index}.example`,
      { TXT: [index === length ? 'v=spf1 +all' : `v=spf1 include:i${index + 1}.example`] },
    ]),
  );
const hosts = (count: number): Zone =>
  record('v=spf1 mx:m.example ~all', {
    'm.example': { MX: Array.from({ length: count }, () => '10 h.example') },
    'h.example': { A: ['192.0.2.2'] },
  });
const ptr = (...names: string[]): Zone =>
  record('v=spf1 -exists:%{p}.x.example exp=why.example -all', {
    '1.2.0.192.in-addr.arpa': { PTR: names },
    'why.example': { TXT: ['%{p}'] },
    ...Object.fromEntries(names.map((name) => [name, { A: ['192.0.2.1'] }])),
  });
const explained = (texts: readonly string[] | 'timeout') =>
  verdict(
    record('v=spf1 exp=why.%{o} -all', {
      'why.d.example': texts === 'timeout' ? 'timeout' : { TXT: texts },
    }),
  );
const broken = () => Promise.reject(new Error('the resolver is gone'));
