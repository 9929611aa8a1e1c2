import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import type { KeyRing } from '#shared/core/model/key-ring.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { hostedDmarcName } from '#shared/core/records/kinds/dmarc/hosted.ts';
import { hostedKeyName } from '#shared/core/records/kinds/dkim/names.ts';
import { hostedSpfName } from '#shared/core/records/kinds/spf/hosted.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';

const textAt = (claim: Claim, name: string) =>
  hostedRecords(claim, deployment).find((record) => record.name === name)?.values;
const chainOf = (claim: Claim) =>
  hostedRecords(claim, deployment)
    .filter(({ name }) => name.startsWith('_spf'))
    .map(({ values }) => values[0]);
const names = (claim: Claim) => hostedRecords(claim, deployment).map(({ name }) => name);
const revoke = (keys: KeyRing): KeyRing => [keys[0], { ...keys[1], state: 'revoked' }, keys[2]];

describe('the records of a live claim', () => {
  const claim = givenClaim({
    dmarc: {
      p: 'quarantine',
      rua: ['mailto:me@example.com'],
      ruf: ['mailto:f@example.com'],
      fo: '1',
    },
    spf: { mechanisms: ['ip4:192.0.2.0/24'] },
  });
  const hostedName = `${claim.label}.${claim.shard}`;

  test('are three keys, DMARC and two SPF records, in its hosted name', () => {
    expect(hostedRecords(claim, deployment)).toEqual(
      [
        ...claim.keys.map(({ selector, publicKey }) => [
          `${selector}._domainkey.${hostedName}`,
          `v=DKIM1; k=rsa; p=${publicKey}`,
        ]),
        [
          `_dmarc.${hostedName}`,
          `v=DMARC1; p=quarantine; rua=mailto:${claim.label}@reports.sd.example.net,mailto:me@example.com; ruf=mailto:f@example.com; fo=1`,
        ],
        [`_spf.${hostedName}`, 'v=spf1 ip4:192.0.2.0/24 include:amazonses.com ~all'],
        [`_mailfrom.${hostedName}`, 'v=spf1 include:amazonses.com ~all'],
      ].map(([name, text]) => ({ name, type: 'TXT', ttl: 300, values: [text] })),
    );
  });

  test('have no DMARC record while the policy is not known', () => {
    expect(names({ ...claim, dmarc: undefined })).toEqual(
      names(claim).filter((name) => name !== hostedDmarcName(claim)),
    );
  });

  test('say p= for a revoked key and change nothing else', () => {
    const revoked = { ...claim, keys: revoke(claim.keys) };
    expect(textAt(revoked, hostedKeyName(claim, claim.keys[1].selector))).toEqual([
      'v=DKIM1; k=rsa; p=',
    ]);
    expect(
      hostedRecords(revoked, deployment).filter(
        (record, index) => record.values[0] !== hostedRecords(claim, deployment)[index]?.values[0],
      ),
    ).toHaveLength(1);
  });

  test('name the type of an Ed25519 key', () => {
    const [zero, one, two] = claim.keys;
    const keys: KeyRing = [{ ...zero, algorithm: 'ed25519-sha256', publicKey: 'MTE=' }, one, two];
    expect(textAt({ ...claim, keys }, hostedKeyName(claim, zero.selector))).toEqual([
      'v=DKIM1; k=ed25519; p=MTE=',
    ]);
  });

  test('are refused where the SPF records would be too long', () => {
    const mechanisms = Array.from({ length: 90 }, (_, index) => `ip4:192.0.2.${index * 2}`);
    expect(() => hostedRecords({ ...claim, spf: { mechanisms } }, deployment)).toThrow(
      'do not fit',
    );
  });

  test('have addresses in place of an include that is flattened, once they are known', () => {
    const include = 'include:_spf.example.org';
    const spf = { mechanisms: ['a:example.com', include] };
    const at = (addresses?: string[]) =>
      textAt(
        { ...claim, spf: { ...spf, flattened: [{ include, ...(addresses && { addresses }) }] } },
        hostedSpfName(claim),
      );
    expect(at()).toEqual([`v=spf1 include:amazonses.com a:example.com ${include} ~all`]);
    expect(at(['ip4:192.0.2.0/25', 'ip4:192.0.2.128/25'])).toEqual([
      'v=spf1 ip4:192.0.2.0/24 include:amazonses.com a:example.com ~all',
    ]);
  });
});

describe('over the life of a claim', () => {
  const dmarc = { p: 'reject', rua: ['mailto:me@example.com'] } as const;
  const claim = givenClaim({ dmarc, spf: { mechanisms: ['ip4:192.0.2.0/24'] } });

  test('deleting changes nothing', () => {
    expect(hostedRecords({ ...claim, lifecycle: 'deleting' }, deployment)).toEqual(
      hostedRecords(claim, deployment),
    );
  });

  test('a retired claim revokes the keys, says nothing of senders, and keeps the policy without our address', () => {
    const texts = hostedRecords({ ...claim, lifecycle: 'tombstone' }, deployment).map(
      ({ values }) => values[0],
    );
    expect(texts).toEqual([
      ...Array.from({ length: 3 }, () => 'v=DKIM1; k=rsa; p='),
      'v=DMARC1; p=reject; rua=mailto:me@example.com',
      'v=spf1 ?all',
      'v=spf1 ?all',
    ]);
  });

  test('a deployment that receives no reports asks for none', () => {
    const texts = hostedRecords(claim, { ...deployment, receivesReports: false }).map(
      ({ values }) => values[0],
    );
    expect(texts).toContain('v=DMARC1; p=reject; rua=mailto:me@example.com');
  });

  test('an expired claim publishes nothing', () => {
    expect(hostedRecords({ ...claim, lifecycle: 'expired' }, deployment)).toEqual([]);
  });

  test('a chain keeps its records when it needs fewer, and as a retired claim; they say nothing', () => {
    const spf = { mechanisms: ['ip4:192.0.2.0/24'], all: '-all', records: 3 } as const;
    expect(chainOf({ ...claim, spf })).toEqual([
      'v=spf1 ip4:192.0.2.0/24 include:amazonses.com -all',
      'v=spf1 ?all',
      'v=spf1 ?all',
    ]);
    expect(chainOf({ ...claim, spf, lifecycle: 'tombstone' })).toEqual(
      Array(3).fill('v=spf1 ?all'),
    );
  });

  test('no name ever goes while the customer may point at it, and none is outside the hosted name', () => {
    const changes = fc.record({
      dmarc: fc.constantFrom(undefined, dmarc),
      status: fc.constantFrom('pending', 'verified', 'at-risk', 'lost'),
    });
    fc.assert(
      fc.property(changes, (given) => {
        const live = givenClaim(given);
        const all = names(live);
        for (const lifecycle of ['deleting', 'tombstone'] as const) {
          expect(names({ ...live, lifecycle })).toEqual(all);
        }
        expect(new Set(all).size).toBe(all.length);
        for (const name of all) expect(name.endsWith(`.${live.label}.${live.shard}`)).toBe(true);
      }),
    );
  });
});
