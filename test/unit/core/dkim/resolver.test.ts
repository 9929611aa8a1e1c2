import { expect, test } from 'vitest';
import { resolveThroughAliases } from '#shared/core/dkim/resolver.ts';
import { dnsOf } from './keys.ts';

test('follows CNAMEs to the records', async () => {
  const dns = dnsOf({
    a: { kind: 'alias', target: 'b' },
    b: { kind: 'alias', target: 'c' },
    c: 'text',
  });
  expect(await resolveThroughAliases(dns, 'a')).toEqual({ kind: 'records', texts: ['text'] });
});

test('an alias to nothing is nothing', async () => {
  expect(await resolveThroughAliases(dnsOf({ a: { kind: 'alias', target: 'b' } }), 'a')).toEqual({
    kind: 'none',
  });
});

test('a loop ends in a failure', async () => {
  const dns = dnsOf({ a: { kind: 'alias', target: 'b' }, b: { kind: 'alias', target: 'a' } });
  expect(await resolveThroughAliases(dns, 'a')).toMatchObject({
    kind: 'failure',
    detail: expect.stringContaining('8 CNAMEs') as string,
  });
});
