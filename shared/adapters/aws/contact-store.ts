import { GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ContactStore } from '#shared/app/ports/contact-store.ts';
import {
  languages,
  type Contact,
  type ContactDomain,
  type ContactOwner,
} from '#shared/core/model/contact.ts';
import type { ContactId, DomainName, TenantId } from '#shared/core/model/names.ts';
import { contactChange } from '#shared/app/audit/other-changes.ts';
import type { AuditTrail } from './audit-trail.ts';
import { queryAll, queryPage, transact } from './dynamo.ts';
import { keyedReader, object, oneOf, optional, text } from './item.ts';
import { readable } from './readable.ts';

const contactsOf = (owner: ContactOwner) => `contacts#${owner}`;
const at = {
  contact: (owner: ContactOwner, id: ContactId) => ({ pk: contactsOf(owner), sk: `contact#${id}` }),
  domain: (
    owner: ContactOwner,
    id: ContactId,
    { tenant, domain }: { tenant: TenantId; domain: string },
  ) => ({ pk: `contact#${owner}#${id}`, sk: `domain#${tenant}#${domain}` }),
  ofTenant: (tenant: TenantId, domain: string) => ({
    pk: `contacts-of#${tenant}`,
    sk: `domain#${domain}`,
  }),
};

const contactItem = object<Contact>({
  id: text(),
  owner: text(),
  email: text(),
  name: optional(text()),
  language: optional(oneOf(...languages)),
  createdAt: text(),
});
const domainItem = object<ContactDomain>({ tenant: text(), domain: text(), since: text() });
interface OfTenant {
  readonly domain: DomainName;
  readonly contact: ContactId;
  /** Absent in what an earlier release wrote. */
  readonly owner?: ContactOwner;
}
const ofTenantItem = object<OfTenant>({
  domain: text(),
  contact: text(),
  owner: optional(text()),
});

/** Contacts in the table `platforms`: under their owner, with their domains under the contact. */
export function dynamoContactStore(
  client: DynamoDBDocumentClient,
  table: string,
  trail: AuditTrail,
): ContactStore {
  const contactOf = keyedReader(table, contactItem);
  const domainOf = keyedReader(table, domainItem);
  const ofTenantOf = keyedReader(table, ofTenantItem);

  const under = (pk: string) =>
    queryAll(client, {
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ConsistentRead: true,
    });

  const formerOf = async (of: {
    tenant: TenantId;
    domain: DomainName;
  }): Promise<Pick<OfTenant, 'contact' | 'owner'> | undefined> => {
    const key = at.ofTenant(of.tenant, of.domain);
    const { Item: item } = await client.send(
      new GetCommand({ TableName: table, Key: key, ConsistentRead: true }),
    );
    return item && ofTenantOf(item);
  };

  const get: ContactStore['get'] = async (owner, id) => {
    const { Item: item } = await client.send(
      new GetCommand({ TableName: table, Key: at.contact(owner, id), ConsistentRead: true }),
    );
    return item && contactOf(item);
  };

  return {
    async assign(contact, of) {
      const { owner, id, createdAt, email, name, language } = contact;
      const given = { owner, id, email, ...(name && { name }), ...(language && { language }) };
      const fields = Object.entries(given);
      const former = await formerOf(of);
      const owners = former?.owner === undefined ? [owner, of.tenant] : [former.owner];
      const left =
        former === undefined || former.contact === id
          ? []
          : [...new Set(owners)].map((one) => at.domain(one, former.contact, of));
      const known = former === undefined ? undefined : await get(owner, former.contact);
      await transact(client, `the contact ${id}`, [
        {
          Update: {
            TableName: table,
            Key: at.contact(owner, id),
            UpdateExpression: `SET createdAt = if_not_exists(createdAt, :createdAt), ${fields
              .map(([field]) => `#${field} = :${field}`)
              .join(', ')}`,
            ExpressionAttributeNames: Object.fromEntries(
              fields.map(([field]) => [`#${field}`, field]),
            ),
            ExpressionAttributeValues: Object.fromEntries([
              [':createdAt', createdAt],
              ...fields.map(([field, value]) => [`:${field}`, value]),
            ]),
          },
        },
        {
          Update: {
            TableName: table,
            Key: at.domain(owner, id, of),
            UpdateExpression:
              'SET tenant = :tenant, #domain = :domain, since = if_not_exists(since, :since)',
            ExpressionAttributeNames: { '#domain': 'domain' },
            ExpressionAttributeValues: {
              ':tenant': of.tenant,
              ':domain': of.domain,
              ':since': createdAt,
            },
          },
        },
        {
          Put: {
            TableName: table,
            Item: { ...at.ofTenant(of.tenant, of.domain), domain: of.domain, contact: id, owner },
            ConditionExpression:
              former === undefined ? 'attribute_not_exists(pk)' : 'contact = :former',
            ...(former === undefined
              ? {}
              : { ExpressionAttributeValues: { ':former': former.contact } }),
          },
        },
        ...left.map((key) => ({ Delete: { TableName: table, Key: key } })),
        ...trail.entriesOf(contactChange(contact, of, { known, former: former?.contact })),
      ]);
    },

    get,

    async list(owner, page) {
      const { items, cursor } = await queryPage(client, page, {
        table,
        pk: contactsOf(owner),
        prefix: 'contact#',
      });
      return { contacts: readable(items, contactOf), cursor };
    },

    async domainsOf(owner, id) {
      return readable(await under(`contact#${owner}#${id}`), domainOf);
    },

    async contactsOf(tenant) {
      const items = readable(await under(`contacts-of#${tenant}`), ofTenantOf);
      return new Map(items.map(({ domain, contact }) => [domain, contact]));
    },
  };
}
