/**
 * The keys, indexes and expiry of each table: infra makes them, the adapters use them, the tests
 * create them. Each adapter in `shared/adapters/aws` documents its items.
 */
export interface TableShape {
  readonly partitionKey: string;
  readonly sortKey?: string;
  /** Attribute with the expiry time in epoch seconds. */
  readonly ttl?: string;
  readonly stream?: 'NEW_AND_OLD_IMAGES';
  readonly indexes?: readonly {
    readonly name: string;
    readonly partitionKey: string;
    readonly sortKey: string;
    readonly projection: 'KEYS_ONLY' | 'ALL';
  }[];
}

/** All key attributes are strings. */
export const tables = {
  /** Claims, holders, labels, counters. */
  claims: { partitionKey: 'pk', sortKey: 'sk', stream: 'NEW_AND_OLD_IMAGES' },
  /** The published records, by shard and label. */
  publications: { partitionKey: 'shard', sortKey: 'label' },
  /** The hosted zones of delegated domains, by domain, in one partition. */
  delegatedZones: { partitionKey: 'pk', sortKey: 'domain' },
  /** The publisher that may write to each zone now, by the zone's name. */
  leases: { partitionKey: 'name' },
  /** The rate at which mail leaves by each exit, and whose mail is next, by the exit's name. */
  exitRates: { partitionKey: 'exit' },
  /** Check results and due times, by label; due ones by partition and time. */
  checks: {
    partitionKey: 'label',
    indexes: [{ name: 'due', partitionKey: 'duePartition', sortKey: 'dueAt', projection: 'ALL' }],
  },
  /** Flattened SPF includes as last seen, by label and include; due ones by time. */
  flattenings: {
    partitionKey: 'label',
    sortKey: 'include',
    indexes: [{ name: 'due', partitionKey: 'due', sortKey: 'dueAt', projection: 'ALL' }],
  },
  /** SES identities, by domain. */
  identities: { partitionKey: 'domain' },
  /** Messages and their recipient batches; expire after 90 days. Messages by tenant and domain, and time. */
  messages: {
    partitionKey: 'pk',
    sortKey: 'sk',
    ttl: 'expiresAt',
    indexes: [
      { name: 'recent', partitionKey: 'list', sortKey: 'listedAt', projection: 'KEYS_ONLY' },
    ],
  },
  /** Addresses that a tenant's mail is not sent to, by tenant and a digest of the address. */
  suppressions: { partitionKey: 'tenant', sortKey: 'digest' },
  /** What receivers make of the mail of each tenant and each of its domains, counted by day. */
  reputations: { partitionKey: 'tenant', sortKey: 'subject' },
  /** Tenants and their API keys by SHA-256. */
  tenants: { partitionKey: 'pk', sortKey: 'sk' },
  /** Platforms, their keys and tokens, external ids, contacts with their domains, and imports. */
  platforms: { partitionKey: 'pk', sortKey: 'sk', ttl: 'expiresAt' },
  /** Links to the records of contacts' domains, by their hash, and the mails to contacts; due ones by time. */
  handOvers: {
    partitionKey: 'pk',
    ttl: 'expiresAt',
    indexes: [{ name: 'due', partitionKey: 'due', sortKey: 'dueAt', projection: 'ALL' }],
  },
  /** Whom tenants have mailed what needs somebody, and the events that wait to be mailed. */
  notices: { partitionKey: 'pk', sortKey: 'sk', ttl: 'expiresAt' },
  /** What tenants have used of their budgets, and limits of their own; the mails of a day by channel. */
  budgets: { partitionKey: 'pk', sortKey: 'sk', ttl: 'expiresAt' },
  /** Requests with an Idempotency-Key and their answers, by tenant or platform; expire after a day. */
  answers: { partitionKey: 'pk', sortKey: 'sk', ttl: 'expiresAt' },
  /** Invitations of tenants' users, users who were removed, until their tokens have ended, and the last uses of API keys. */
  users: { partitionKey: 'pk', sortKey: 'sk', ttl: 'expiresAt' },
  /** Tenants' webhooks, and what was delivered to them, which expires after 30 days. */
  webhooks: { partitionKey: 'pk', sortKey: 'sk', ttl: 'expiresAt' },
  /** Events of domains, by tenant, domain and time; kept for 400 days. */
  events: { partitionKey: 'pk', sortKey: 'sk', ttl: 'expiresAt' },
  /** Entries of the audit log, by owner and time; those of changes are written with them. */
  audit: { partitionKey: 'pk', sortKey: 'sk', ttl: 'expiresAt', stream: 'NEW_AND_OLD_IMAGES' },
  /** The seals that chain the entries of an owner, and the heads of all chains. */
  auditSeals: { partitionKey: 'pk', sortKey: 'sk', ttl: 'expiresAt' },
  /** Private halves of retired keys, by label and key id: wrapped while they wait, then published. */
  disclosures: {
    partitionKey: 'label',
    sortKey: 'keyId',
    indexes: [{ name: 'due', partitionKey: 'due', sortKey: 'dueAt', projection: 'KEYS_ONLY' }],
  },
  /** Key ids that must never sign again; append-only. */
  revokedKeys: { partitionKey: 'keyId', stream: 'NEW_AND_OLD_IMAGES' },
  /** The rotation: runs, their progress, what is left over, the rate; marks of batches expire. */
  rotations: { partitionKey: 'pk', sortKey: 'sk', ttl: 'expiresAt' },
  /** Sums of DMARC reports, by label, day and reporter; kept for 400 days. */
  reports: { partitionKey: 'label', sortKey: 'sk', ttl: 'expiresAt' },
} as const satisfies Record<string, TableShape>;

export type TableName = keyof typeof tables;

type ItemAction =
  | 'BatchGet'
  | 'BatchWrite'
  | 'ConditionCheck'
  | 'Delete'
  | 'Get'
  | 'Put'
  | 'Update';
/** The calls on a table that a function can be given, one IAM action each. */
export type TableAction = `${ItemAction}Item` | 'Query' | 'Scan';

/** An action on a table, or a query of one of its indexes: `Query due`. */
export type TableUse<Name extends TableName> = TableAction | `Query ${IndexOf<Name>}`;

type IndexOf<Name extends TableName> = (typeof tables)[Name] extends {
  readonly indexes: readonly { readonly name: infer Index extends string }[];
}
  ? Index
  : never;
