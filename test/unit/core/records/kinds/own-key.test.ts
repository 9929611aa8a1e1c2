import { describe, expect, test } from 'vitest';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { judgeOwnKey } from '#shared/core/records/kinds/dkim/judge-own-key.ts';
import { deployment, givenClaim } from '../../../../fakes/given-claim.ts';

const claim = givenClaim({ hosting: 'self' });
const [zero] = customerRecords(claim, undefined, deployment);
const place = { domain: claim.domain, hostedName: `${claim.label}.${claim.shard}` };
const key = claim.keys[0].publicKey;

const codeOf = (publicKey: string, shownKey: string, past: readonly string[] = []) => {
  const [first, ...others] = claim.keys;
  const ring = [{ ...first, publicKey }, ...others] as unknown as typeof claim.keys;
  const record = { ...zero!, value: `v=DKIM1; k=rsa; p=${publicKey}` };
  const lookup = { outcome: 'ok' as const, values: [`v=DKIM1; k=rsa; p=${shownKey}`], cnames: [] };
  return judgeOwnKey(record, lookup, place, { ring, past: new Set(past) }).code;
};

describe('a key that is not the one of its slot', () => {
  const long = key.repeat(20);

  test('is cut off where it is the beginning of that one, but for a few characters', () => {
    expect(codeOf(long, long.slice(0, 21))).toBe('key-truncated');
    expect(codeOf(long, long.slice(0, 20))).toBe('other-provider');
    expect(codeOf(long, long.slice(0, -1))).toBe('key-truncated');
    expect(codeOf(long, `x${long.slice(1, -1)}`)).toBe('other-provider');
  });

  test('is stale where it left the ring', () => {
    expect(codeOf(key, 'former', ['former'])).toBe('stale-key');
    expect(codeOf(key, 'former', ['another'])).toBe('other-provider');
  });

  test('is another slot’s where that has it, or is to have it', () => {
    expect(codeOf(key, claim.keys[2].publicKey)).toBe('other-slot');
    expect(codeOf(key, '')).toBe('other-value');
  });
});
