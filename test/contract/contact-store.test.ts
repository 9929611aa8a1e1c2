import { randomBytes } from 'node:crypto';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoContactStore } from '#shared/adapters/aws/contact-store.ts';
import type { ContactStore } from '#shared/app/ports/contact-store.ts';
import { contactIdOf, type Contact, type ContactOwner } from '#shared/core/model/contact.ts';
import { platformIdOf, type DomainName } from '#shared/core/model/names.ts';
import { MemoryContactStore } from '../fakes/contact-store.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { startDynamo } from '../support/dynamo.ts';

const at = '2026-12-01T09:00:00.000Z';
const given = (owner: ContactOwner, email: string, changes: Partial<Contact> = {}): Contact => ({
  id: contactIdOf(owner, email),
  owner,
  email,
  createdAt: at,
  ...changes,
});
const names = ['one.example', 'two.example', 'three.example'] as DomainName[];
const [one, two, three] = names as [DomainName, DomainName, DomainName];

function contract(make: () => ContactStore) {
  test('a contact has its domains, and a domain one contact', async () => {
    const [store, tenant] = [make(), givenTenant()];
    const ann = given(tenant, 'ann@agency.example', { name: 'Ann', language: 'de' });
    const bob = given(tenant, 'bob@agency.example');
    for (const domain of [one, two]) await store.assign(ann, { tenant, domain });
    await store.assign(bob, { tenant, domain: three });
    expect(await store.get(tenant, ann.id)).toEqual(ann);
    const domainsOf = async ({ id }: Contact) =>
      (await store.domainsOf(tenant, id)).map(({ domain }) => domain).toSorted();
    expect(await domainsOf(ann)).toEqual([one, two]);
    await store.assign(bob, { tenant, domain: two });
    expect([await domainsOf(ann), await domainsOf(bob)]).toEqual([[one], [three, two]]);
    expect(await store.contactsOf(tenant)).toEqual(
      new Map([
        [one, ann.id],
        [two, bob.id],
        [three, bob.id],
      ]),
    );
  });

  test('a domain that another owner gives to a contact leaves the one that it had', async () => {
    const [store, tenant] = [make(), givenTenant()];
    const platform = platformIdOf(randomBytes(16));
    const [own, ours] = [given(tenant, 'ann@agency.example'), given(platform, 'b@agency.example')];
    await store.assign(own, { tenant, domain: one });
    await store.assign(ours, { tenant, domain: one });
    expect(await store.domainsOf(tenant, own.id)).toEqual([]);
    await store.assign(own, { tenant, domain: one });
    expect(await store.domainsOf(platform, ours.id)).toEqual([]);
    expect(await store.domainsOf(tenant, own.id)).toHaveLength(1);
  });

  test('what is given again replaces name and language, and nothing else', async () => {
    const [store, tenant] = [make(), givenTenant()];
    const ann = given(tenant, 'ann@agency.example', { name: 'Ann', language: 'de' });
    await store.assign(ann, { tenant, domain: one });
    const later = { ...given(tenant, 'Ann@Agency.example'), createdAt: '2027-01-01T00:00:00.000Z' };
    await store.assign({ ...later, language: 'fr' }, { tenant, domain: one });
    expect(await store.get(tenant, ann.id)).toEqual({
      ...ann,
      email: 'Ann@Agency.example',
      language: 'fr',
    });
    expect(await store.domainsOf(tenant, ann.id)).toEqual([{ tenant, domain: one, since: at }]);
  });

  test('contacts of an owner come page by page, and others are not there', async () => {
    const [store, owner, other] = [make(), givenTenant(), givenTenant()];
    const all = [1, 2, 3].map((number) => given(owner, `c${number}@agency.example`));
    for (const contact of all) await store.assign(contact, { tenant: owner, domain: one });
    const stranger = given(other, 'c1@agency.example');
    await store.assign(stranger, { tenant: other, domain: one });
    const first = await store.list(owner, { limit: 2 });
    const rest = await store.list(owner, { limit: 2, cursor: first.cursor! });
    const ids = [...first.contacts, ...rest.contacts].map(({ id }) => id);
    expect(ids).toEqual(all.map(({ id }) => id).toSorted());
    expect(rest.cursor).toBeUndefined();
    expect(await store.get(owner, stranger.id)).toBeUndefined();
    expect(await store.domainsOf(owner, stranger.id)).toEqual([]);
  });
}

describe('in memory', () => {
  contract(() => new MemoryContactStore());
});

describe('in DynamoDB', () => {
  let dynamo: Awaited<ReturnType<typeof startDynamo>>;
  beforeAll(async () => {
    dynamo = await startDynamo();
  });
  afterAll(() => dynamo.close());
  contract(() => dynamoContactStore(dynamo.client, dynamo.tables.platforms, dynamo.trail));

  test('a contact that an earlier release noted without its owner gives its domain up', async () => {
    const [table, tenant] = [dynamo.tables.platforms, givenTenant()];
    const store = dynamoContactStore(dynamo.client, table, dynamo.trail);
    const platform = platformIdOf(randomBytes(16));
    const own = given(tenant, 'ann@agency.example');
    await store.assign(own, { tenant, domain: one });
    const Key = { pk: `contacts-of#${tenant}`, sk: `domain#${one}` };
    const command = { TableName: table, Key, UpdateExpression: 'REMOVE #owner' };
    const ExpressionAttributeNames = { '#owner': 'owner' };
    await dynamo.client.send(new UpdateCommand({ ...command, ExpressionAttributeNames }));
    await store.assign(given(platform, 'b@agency.example'), { tenant, domain: one });
    expect(await store.domainsOf(tenant, own.id)).toEqual([]);
  });
});
