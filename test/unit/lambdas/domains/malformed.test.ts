import { expect, test } from 'vitest';
import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { malformed } from '../../../fakes/malformed.ts';
import { recordedLog } from '../../../support/recorded-log.ts';
import { givenTestEnvironment } from './test-environment.ts';

const { counted } = recordedLog();

const names = ['fine.example', 'broken.example', 'good.example'] as DomainName[];
const broken = 'broken.example' as DomainName;

/** Three proven domains, of which all that a document shows is stored. */
async function givenDomains() {
  const testEnvironment = givenTestEnvironment();
  const { claims, identities, publications, checks, backlog, tenant } = testEnvironment;
  const at = testEnvironment.now();
  for (const domain of names) {
    await testEnvironment.claim(domain);
    const claim = (await claims.get({ tenant, domain }))!;
    const { label, shard } = claim;
    const verified = { ...claim, version: claim.version + 1, status: 'verified' } as const;
    await claims.hold(claim, { ...verified, verifiedAt: at }, at);
    await identities.putView({
      label,
      status: 'ready',
      token: `token of ${domain}`,
      hasMailFrom: true,
      polledAt: at,
    });
    await backlog.put({
      tenant,
      domain,
      label,
      shard,
      kind: 'held-back',
      reason: 'not-insync',
      detail: 'not known yet',
      since: at,
    });
  }
  const { label } = (await claims.get({ tenant, domain: broken }))!;
  return { testEnvironment, label, publications, identities, checks, backlog };
}

const shown = ({ name, sending, problem, dkim }: DomainDocument) => ({
  name,
  sending,
  problem: problem !== undefined,
  heldBack: dkim.heldBack !== null,
});
const whole = (name: string) => ({ name, sending: 'ready', problem: false, heldBack: true });

type Given = Awaited<ReturnType<typeof givenDomains>>;

test.each<[string, (given: Given) => void, object]>([
  [
    'publication',
    ({ publications, label }) => {
      publications.get = malformed(publications.get.bind(publications), (_, labels) =>
        labels.includes(label),
      );
    },
    { ...whole(broken), problem: true },
  ],
  [
    'SES identity',
    ({ identities, label }) => {
      identities.views = malformed(identities.views.bind(identities), (labels) =>
        labels.includes(label),
      );
    },
    { ...whole(broken), sending: 'preparing' },
  ],
  [
    'open key work',
    ({ backlog, label }) => {
      backlog.get = malformed(backlog.get.bind(backlog), (labels) => labels.includes(label));
    },
    { ...whole(broken), heldBack: false },
  ],
  [
    'check result',
    ({ checks, label }) => {
      checks.results = malformed(checks.results.bind(checks), (labels) => labels.includes(label));
    },
    whole(broken),
  ],
])(
  'a malformed %s of one domain leaves the others in the list as they are',
  async (_, spoil, spoilt) => {
    const given = await givenDomains();
    const { testEnvironment } = given;
    const before = (await testEnvironment.ask('GET', '/v1/domains')).body as unknown as {
      domains: DomainDocument[];
    };
    expect(before.domains.map(shown)).toEqual(names.toSorted().map(whole));

    spoil(given);
    const { status, body } = await testEnvironment.ask('GET', '/v1/domains');
    const after = (body as unknown as typeof before).domains;
    expect(status).toBe(200);
    expect(after.filter(({ name }) => name !== broken)).toEqual(
      before.domains.filter(({ name }) => name !== broken),
    );
    expect(after.filter(({ name }) => name === broken).map(shown)).toEqual([spoilt]);
    expect(counted).toEqual(new Map([['StoredItemsMalformed', 1]]));
    expect((await testEnvironment.ask('GET', '/v1/records')).status).toBe(200);
  },
);
