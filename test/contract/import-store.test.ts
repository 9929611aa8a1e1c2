import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoContactStore } from '#shared/adapters/aws/contact-store.ts';
import { dynamoImportStore } from '#shared/adapters/aws/import-store.ts';
import type { ContactStore } from '#shared/app/ports/contact-store.ts';
import type { ImportStore } from '#shared/app/ports/import-store.ts';
import { contactIdOf } from '#shared/core/model/contact.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import {
  countsOf,
  importIdOf,
  type Import,
  type ImportPart,
  type ImportRow,
} from '#shared/core/model/import.ts';
import { platformIdOf, type DomainName, type PlatformId } from '#shared/core/model/names.ts';
import { MemoryContactStore } from '../fakes/contact-store.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryImportStore } from '../fakes/import-store.ts';
import { startDynamo } from '../support/dynamo.ts';

const now = '2026-11-01T00:00:00.000Z';
const row = (number: number): ImportRow => ({
  row: number,
  externalId: `c-${number}`,
  domain: `d${number}.example`,
  contact: { email: 'ann@agency.example', language: 'de' },
});

let minutes = 0;
const givenImport = (platform: PlatformId): { head: Import; parts: ImportPart[] } => {
  const id = importIdOf(new Date(Date.parse(now) + (minutes += 1) * 60_000), randomBytes(10));
  const parts = [0, 1].map((part) => ({
    import: id,
    part,
    rows: [row(part * 2 + 1), row(part * 2 + 2)],
    version: 0,
  }));
  const counts = countsOf([]);
  const common = { id, platform, dryRun: false, status: 'running', createdAt: now } as const;
  return { head: { ...common, rows: 4, parts: 2, part: 0, counts }, parts };
};

function importContract(make: () => ImportStore) {
  let store: ImportStore;
  let platform: PlatformId;
  beforeEach(() => {
    store = make();
    platform = platformIdOf(randomBytes(16));
  });
  const givenStored = async (request?: string) => {
    const { head, parts } = givenImport(platform);
    await store.putParts(parts);
    return { head: await store.create(head, request), parts };
  };

  test('is read with its parts, by its own platform', async () => {
    const { head, parts } = await givenStored();
    expect(await store.get(platform, head.id)).toEqual(head);
    expect(await store.part(head.id, 1)).toEqual(parts[1]);
    expect(await store.part(head.id, 2)).toBeUndefined();
    expect(await store.get(platformIdOf(randomBytes(16)), head.id)).toBeUndefined();
  });

  test('of a request is the one that the request made first', async () => {
    const { head } = await givenStored('key');
    const { head: again } = await givenStored('key');
    expect(again).toEqual(head);
    expect(await store.ofRequest(platform, 'key')).toBe(head.id);
    expect(await store.ofRequest(platform, 'other')).toBeUndefined();
  });

  test('are listed newest first, a page at a time', async () => {
    const ids = [];
    for (let count = 0; count < 3; count += 1) ids.push((await givenStored()).head.id);
    const page = await store.list(platform, { limit: 2 });
    const rest = await store.list(platform, { limit: 2, cursor: page.cursor! });
    const listed = [...page.imports, ...rest.imports].map(({ id }) => id);
    expect(listed).toEqual(ids.toReversed());
  });

  test('advances once from what was read', async () => {
    const { head, parts } = await givenStored();
    const [part] = parts as [ImportPart];
    const outcome = {
      state: 'forecast',
      forecast: {
        registered: true,
        provider: null,
        oneClick: null,
        spf: 'fits',
        dmarc: { policy: 'none', own: true },
      },
    } as const;
    const next = {
      part: { ...part, version: 1, rows: part.rows.map((one) => ({ ...one, outcome })) },
      head: { ...head, part: 1, counts: { ...head.counts, forecast: 2 } },
    };
    await store.advance({ head, part }, next);
    expect(await store.get(platform, head.id)).toEqual(next.head);
    expect(await store.part(head.id, 0)).toEqual(next.part);
    await expect(store.advance({ head, part }, next)).rejects.toBeInstanceOf(Conflict);
  });

  test('does not advance once it is cancelled', async () => {
    const { head, parts } = await givenStored();
    await store.cancel(head, now);
    const cancelled = await store.get(platform, head.id);
    expect(cancelled).toEqual({ ...head, status: 'cancelled', finishedAt: now });
    const part = parts[0]!;
    const next = { head, part: { ...part, version: 1 } };
    await expect(store.advance({ head, part }, next)).rejects.toBeInstanceOf(Conflict);
    await expect(store.cancel(head, now)).rejects.toBeInstanceOf(Conflict);
  });
}

function contactContract(make: () => ContactStore) {
  let store: ContactStore;
  let owner: PlatformId;
  beforeEach(() => {
    store = make();
    owner = platformIdOf(randomBytes(16));
  });
  const contactOf = (email: string, more: object = {}) => ({
    id: contactIdOf(owner, email),
    owner,
    email,
    createdAt: now,
    ...more,
  });
  const domain = 'a.example' as DomainName;

  test('is one for an address in any case, with its domains of all tenants', async () => {
    const [one, two] = [givenTenant(), givenTenant()];
    await store.assign(contactOf('Ann@Agency.example', { name: 'Ann' }), { tenant: one, domain });
    await store.assign(contactOf('ann@agency.example', { language: 'de' }), {
      tenant: two,
      domain,
    });
    const { contacts } = await store.list(owner, { limit: 10 });
    expect(contacts).toMatchObject([{ name: 'Ann', language: 'de', createdAt: now }]);
    const { id } = contacts[0]!;
    expect(await store.get(owner, id)).toEqual(contacts[0]);
    const domains = await store.domainsOf(owner, id);
    expect(domains.map(({ tenant }) => tenant).toSorted()).toEqual([one, two].toSorted());
    expect(await store.contactsOf(one)).toEqual(new Map([[domain, id]]));
    expect(await store.get(platformIdOf(randomBytes(16)), id)).toBeUndefined();
  });

  test('takes the place of the one that the domain had', async () => {
    const tenant = givenTenant();
    const [ann, ben] = [contactOf('ann@agency.example'), contactOf('ben@agency.example')];
    await store.assign(ann, { tenant, domain });
    await store.assign(ben, { tenant, domain });
    await store.assign(ben, { tenant, domain });
    expect(await store.domainsOf(owner, ann.id)).toEqual([]);
    expect(await store.domainsOf(owner, ben.id)).toEqual([{ tenant, domain, since: now }]);
    expect(await store.contactsOf(tenant)).toEqual(new Map([[domain, ben.id]]));
  });
}

describe('in memory, an import', () => {
  importContract(() => new MemoryImportStore());
});
describe('in memory, a contact', () => {
  contactContract(() => new MemoryContactStore());
});

describe('on DynamoDB', () => {
  let dynamo: Awaited<ReturnType<typeof startDynamo>>;
  beforeAll(async () => {
    dynamo = await startDynamo();
  });
  afterAll(() => dynamo.close());
  describe('an import', () => {
    importContract(() => dynamoImportStore(dynamo.client, dynamo.tables.platforms, dynamo.trail));
  });
  describe('a contact', () => {
    contactContract(() => dynamoContactStore(dynamo.client, dynamo.tables.platforms, dynamo.trail));
  });
});
