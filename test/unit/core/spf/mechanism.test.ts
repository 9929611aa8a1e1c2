import { describe, expect, test } from 'vitest';
import { normalMechanism, ownLookups, shortest } from '#shared/core/spf/mechanism.ts';

const setting = { domain: 'mail.example.com', zone: 'sd.example.net' };
const normal = (text: string) => normalMechanism(text, setting);

describe('a mechanism is kept in one form', () => {
  test.each([
    ['ip4:192.0.2.1/32', 'ip4:192.0.2.1'],
    ['+IP4:192.0.2.77/24', 'ip4:192.0.2.0/24'],
    ['ip6:2001:DB8:0::1/128', 'ip6:2001:db8::1'],
    ['ip6:2001:db8:ffff::/33', 'ip6:2001:db8:8000::/33'],
    ['a', 'a:mail.example.com'],
    ['A//64', 'a:mail.example.com//64'],
    ['mx/24//64', 'mx:mail.example.com/24//64'],
    ['mx:Other.Example./28', 'mx:other.example/28'],
    ['include:_SPF.Example.org.', 'include:_spf.example.org'],
    ['exists:%{i}._s.%{d}', 'exists:%{i}._s.mail.example.com'],
    ['exists:%{L}.A.%{d2}', 'exists:%{L}.a.example.com'],
    ['exists:x.%{d1r}.%{D2r}', 'exists:x.mail.example.mail'],
    ['exists:%{d1-}.x%{d.-}', 'exists:mail.example.com.xmail.example.com'],
    ['include:%{ir}.%{v}.%{h}.vali.example', 'include:%{ir}.%{v}.%{h}.vali.example'],
  ])('%s as %s', (text, expected) => {
    expect(normal(text)).toBe(expected);
    expect(normal(expected)).toBe(expected);
  });
});

describe('refused is', () => {
  test.each([
    ['-ip4:192.0.2.1', 'leave the sign'],
    ['~all', 'leave the sign'],
    ['all', 'said by "all"'],
    ['ptr', 'must not be used'],
    ['ip4:192.0.2', 'no address of that kind'],
    ['ip4:0.0.0.0/0', 'shortest prefix length of ip4 is 8'],
    ['ip6:2000::/3', 'shortest prefix length of ip6 is 16'],
    ['a/0', 'shortest prefix lengths are 8 and 16'],
    ['mx//8', 'shortest prefix lengths are 8 and 16'],
    ['include:%{p}.example', 'macro p'],
    ['include:_spf.label.s1.sd.example.net', 'include itself'],
    ['include:sd.example.net', 'include itself'],
    ['include:%{d}', 'include itself'],
    ['include:mail.example.com', 'include itself'],
    ['ip4:192.0.2.1 ip4:192.0.2.2', 'give one mechanism'],
    ['redirect=a.example', 'give one mechanism'],
    ['exp=a.example', 'give one mechanism'],
    ['', 'give one mechanism'],
    [' ', 'give one mechanism'],
    ['foo', 'no such mechanism'],
    [`a:${'a'.repeat(260)}.example`, 'longer than 253'],
  ])('%s', (text, why) => {
    expect(() => normal(text)).toThrow(why);
  });

  test('what is long is shown in part', () => {
    expect(() => normal('x'.repeat(9_000))).toThrow(`"${'x'.repeat(80)}..." cannot`);
  });
});

test('the domain itself may be queried, if not included', () => {
  expect(normal('a:mail.example.com')).toBe('a:mail.example.com');
});

test('the shortest list has each once, networks first and aggregated', () => {
  expect(
    shortest([
      'include:a.example',
      'ip4:192.0.2.0/25',
      'mx:b.example',
      'include:a.example',
      'ip4:192.0.2.128/25',
    ]),
  ).toEqual(['ip4:192.0.2.0/24', 'include:a.example', 'mx:b.example']);
});

test('everything but networks causes a lookup', () => {
  expect(ownLookups(['ip4:192.0.2.1', '+ip6:::1', 'a:x.example', 'exists:%{i}.x.example'])).toBe(2);
});
