/**
 * The names of the environment variables, imported by the constructs that set them and by the
 * functions that read them, so that the wiring cannot drift.
 */
export const Env = {
  /** JSON of `Deployment`: zone, shards, region, selectors, bounceLabel, senders. */
  deployment: 'DEPLOYMENT',
  /** JSON of `DomainConnectService` and the `key` that signs, an ARN; `null` where it is off. */
  domainConnect: 'DOMAIN_CONNECT',
  claimsTable: 'CLAIMS_TABLE',
  publicationsTable: 'PUBLICATIONS_TABLE',
  checksTable: 'CHECKS_TABLE',
  flatteningsTable: 'FLATTENINGS_TABLE',
  identitiesTable: 'IDENTITIES_TABLE',
  messagesTable: 'MESSAGES_TABLE',
  tenantsTable: 'TENANTS_TABLE',
  usersTable: 'USERS_TABLE',
  webhooksTable: 'WEBHOOKS_TABLE',
  eventsTable: 'EVENTS_TABLE',
  revokedKeysTable: 'REVOKED_KEYS_TABLE',
  rotationsTable: 'ROTATIONS_TABLE',
  disclosuresTable: 'DISCLOSURES_TABLE',
  /** `on` where retired private keys are disclosed for those who want it, else `off`. */
  keyDisclosure: 'KEY_DISCLOSURE',
  reportsTable: 'REPORTS_TABLE',
  /** The Cognito user pool of those who use the dashboard. */
  userPoolId: 'USER_POOL_ID',
  wrappingKeyArn: 'WRAPPING_KEY_ARN',
  mailBucket: 'MAIL_BUCKET',
  reportsBucket: 'REPORTS_BUCKET',
  /** Comma-separated addresses and domains whose DMARC reports count as evidence. */
  reporters: 'REPORTERS',
  /** JSON of `RollOutThresholds`. */
  rollOut: 'ROLL_OUT',
  rollOutQueueUrl: 'ROLL_OUT_QUEUE_URL',
  publishQueueUrl: 'PUBLISH_QUEUE_URL',
  insyncQueueUrl: 'INSYNC_QUEUE_URL',
  identityQueueUrl: 'IDENTITY_QUEUE_URL',
  checkQueueUrl: 'CHECK_QUEUE_URL',
  outboundQueueUrl: 'OUTBOUND_QUEUE_URL',
  rotationQueueUrl: 'ROTATION_QUEUE_URL',
  webhookQueueUrl: 'WEBHOOK_QUEUE_URL',
  /** The EventBridge bus that events are told on, by its name. */
  eventBus: 'EVENT_BUS',
  configurationSet: 'CONFIGURATION_SET',
  /** Recursive resolvers, comma separated, each `address` or `address:port`. */
  resolvers: 'RESOLVERS',
  /** The port of authoritative servers; 53 but on the local run. */
  authoritativePort: 'AUTHORITATIVE_PORT',
  /** Rotations a second that all workers together make: the configured share of the quotas. */
  rotationsPerSecond: 'ROTATIONS_PER_SECOND',
  /** Minutes that sampled mail is watched after each wave of the rotation. */
  rotationWatchMinutes: 'ROTATION_WATCH_MINUTES',
  /** Comma-separated domains of the operator's own, which rotate first. */
  rotationOwnDomains: 'ROTATION_OWN_DOMAINS',
  /** Comma-separated domains that mail may leave unsigned from. */
  unsignedAllowed: 'UNSIGNED_ALLOWED',
  /** Seconds that an unclear chunk waits for an SES event before it is sent again. */
  unclearSeconds: 'UNCLEAR_SECONDS',
  /** `resend` or `hold`: what becomes of a chunk that no event settled. */
  unclearPolicy: 'UNCLEAR_POLICY',
  /** Seconds of a chunk's sending lease; the signer's own timeout. */
  leaseSeconds: 'LEASE_SECONDS',
} as const;

export type EnvName = (typeof Env)[keyof typeof Env];

/**
 * Reads variables at start-up, so that a function that is wired wrongly fails before it serves.
 *
 * @throws Error that names every variable that is missing
 */
export function requireEnv<const Names extends readonly EnvName[]>(
  ...names: Names
): Record<Names[number], string> {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0) throw new Error(`missing environment variables: ${missing.join(', ')}`);
  return Object.fromEntries(names.map((name) => [name, process.env[name] as string])) as Record<
    Names[number],
    string
  >;
}
