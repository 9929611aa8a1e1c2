/**
 * Makes adapters from a function's environment, each typed by the variables that it needs. A caller
 * that did not declare its table, queue or setting does not compile. Clients are made at first use
 * and shared; a bundle takes in only what its handler calls.
 */
import { randomBytes } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { realTime } from '#shared/async/retry.ts';
import { budgetsOf, type Budgets } from '#shared/app/budgets/budgets.ts';
import { wantedEvents } from '#shared/app/sending/wanted-events.ts';
import { sesExit } from '#shared/core/mail/exit.ts';
import type { Limits } from '#shared/core/model/budgets.ts';
import { currentActor } from '#shared/runtime/actor.ts';
import { logger } from '#shared/runtime/log.ts';
import type { AuditLog } from '#shared/app/ports/audit-log.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { EventBus } from '#shared/app/ports/event-bus.ts';
import type { NoticeStore } from '#shared/app/ports/notice-store.ts';
import type { Queue } from '#shared/app/ports/queues.ts';
import type { ReputationStore } from '#shared/app/ports/reputation-store.ts';
import type { Memberships } from '#shared/app/ports/memberships.ts';
import type { WebhookStore } from '#shared/app/ports/webhook-store.ts';
import { dynamoAnswerStore } from './answer-store.ts';
import { auditAnchorsClient, s3AuditAnchors } from './audit-anchors.ts';
import { dynamoAuditLog } from './audit-log.ts';
import { dynamoAuditTrail, readsOnly, type AuditTrail } from './audit-trail.ts';
import { dynamoApiKeys } from './api-keys.ts';
import { dynamoKeyUses } from './key-uses.ts';
import { dynamoMemberships } from './memberships.ts';
import { certificateClient, exportCertificate } from './certificate.ts';
import { dynamoCheckStore } from './check-store.ts';
import { dynamoClaimStore } from './claim-store.ts';
import { dynamoContactStore } from './contact-store.ts';
import { dynamoDelegatedZones } from './delegated-zone-store.ts';
import { dynamoDisclosureStore } from './disclosure-store.ts';
import { dynamoBudgetStore } from './budget-store.ts';
import { dynamoCanaryArrivals } from './canary-arrivals.ts';
import { documentClient } from './dynamo.ts';
import { eventBridgeBus, eventBridgeClient, eventBridgeOperatorEvents } from './event-bus.ts';
import { dynamoFlatteningStore } from './flattening-store.ts';
import { dynamoHandOverStore } from './hand-over-store.ts';
import { dynamoHeldMessages } from './held-messages.ts';
import { dynamoNoticeStore } from './notice-store.ts';
import { dynamoHistory } from './history.ts';
import { dynamoIdentityStore, dynamoSesTurns } from './identity-store.ts';
import { dynamoImportStore } from './import-store.ts';
import { kmsClient, kmsKeyForge } from './key-forge.ts';
import { kmsKeyVault } from './key-vault.ts';
import { dynamoMailCounts } from './mail-counts.ts';
import { mailStoreClient, s3MailStore } from './mail-store.ts';
import { mailerClient, sesMailer } from './mailer.ts';
import { dynamoMessageStore } from './message-store.ts';
import { dynamoOutbox } from './outbox.ts';
import {
  dynamoOrigins,
  dynamoPlatformKeys,
  dynamoPlatformStore,
  dynamoPlatformTenants,
} from './platform-store.ts';
import { dynamoPublicationStore } from './publication-store.ts';
import { dynamoRateScheduleReader, dynamoRateSchedules } from './rate-schedules.ts';
import { s3ReportMails } from './report-mails.ts';
import { dynamoReportStore } from './report-store.ts';
import { dynamoReputationStore } from './reputation-store.ts';
import { kmsRequestSigner } from './request-signer.ts';
import { requestTimeouts } from './request-timeouts.ts';
import { revocationLedgerClient, s3RevocationLedger } from './revocation-ledger.ts';
import { dynamoRevokedKeys } from './revoked-keys.ts';
import { dynamoRotationBacklog } from './rotation-backlog.ts';
import { dynamoRotationRateLimiter } from './rotation-rate-limiter.ts';
import { dynamoRotationRuns } from './rotation-runs.ts';
import { route53Client, route53Zone } from './route-53.ts';
import { sqsQueueDepths } from './queue-depths.ts';
import { kmsSecretBox } from './secret-box.ts';
import { dynamoSenderChecks } from './sender-checks.ts';
import {
  sendingAccountClient,
  sesSendingAccount,
  sesSendQuota,
  sesSendRate,
} from './sending-account.ts';
import { dynamoServiceNetworks } from './service-networks.ts';
import { identitiesClient, sesIdentities } from './ses-identities.ts';
import { sqsClient, sqsQueue } from './sqs.ts';
import { dynamoSuppressed } from './suppressed.ts';
import { dynamoReportedSuppressions, dynamoSuppressionStore } from './suppression-store.ts';
import { dynamoTenantStore } from './tenant-store.ts';
import { s3UploadStore, uploadStoreClient } from './upload-store.ts';
import { cognitoClient, cognitoUserDirectory } from './user-directory.ts';
import { dynamoInvitations } from './user-store.ts';
import { cognitoUserTokens } from './user-tokens.ts';
import { dynamoWebhookStore } from './webhook-store.ts';
import { route53ZoneHost } from './zone-host.ts';
import { dynamoZoneLeases } from './zone-leases.ts';

type Env<Name extends string> = Readonly<Record<Name, string>>;

let dynamoOnce: DynamoDBDocumentClient | undefined;
const dynamo = () => (dynamoOnce ??= documentClient());

/**
 * Has calls of DynamoDB given up soon and made again, for a function that must answer soon itself.
 * Call it before any adapter is made.
 */
export function giveUpSoon(timeouts: { connectionMs: number; requestMs: number }): void {
  dynamoOnce = documentClient({ requestHandler: requestTimeouts(timeouts) });
}

/** What a function has that changes something which the audit log has. */
type Audited = Env<'AUDIT_TABLE'>;

/**
 * The audit trail of a function. The types below give one that is not declared to write the log only
 * what reads; a write would throw.
 */
const trailOf = ({ AUDIT_TABLE: table }: Partial<Audited>): AuditTrail =>
  table === undefined
    ? readsOnly
    : dynamoAuditTrail(table, { actor: currentActor, now: () => new Date(), random: randomBytes });

let sqsOnce: SQSClient | undefined;
const sqs = () => (sqsOnce ??= sqsClient());
let kmsOnce: KMSClient | undefined;
const kms = () => (kmsOnce ??= kmsClient());

/** @param url a variable of a queue that the function is declared to send to */
export const queue = <Request>(url: string): Queue<Request> => sqsQueue(sqs(), url);

export const eventBus = (env: Env<'EVENT_BUS'>) =>
  eventBridgeBus(eventBridgeClient(), env.EVENT_BUS);

/**
 * The event bus of what publishes events of mail: those that a webhook wants, or all.
 *
 * @throws Error where `MAIL_EVENTS` is neither
 */
export function mailEventBus(
  env: Env<'EVENT_BUS' | 'WEBHOOKS_TABLE' | 'MAIL_EVENTS'>,
  clock: Clock,
): EventBus {
  const bus = eventBus(env);
  if (env.MAIL_EVENTS === 'all') return bus;
  if (env.MAIL_EVENTS === 'webhooks') {
    return wantedEvents({ bus, webhooks: webhooks(env), clock, log: logger });
  }
  throw new Error(`MAIL_EVENTS is "${env.MAIL_EVENTS}"; it must be webhooks or all`);
}

export const operatorEvents = (env: Env<'EVENT_BUS'>) =>
  eventBridgeOperatorEvents(eventBridgeClient(), env.EVENT_BUS);

/** Requests with an Idempotency-Key, of functions none of whose answers holds a secret. */
export const answers = (env: Env<'ANSWERS_TABLE'>) =>
  dynamoAnswerStore(dynamo(), env.ANSWERS_TABLE);

/** The same, of functions that answer with secrets. */
export const sealedAnswers = (env: Env<'ANSWERS_TABLE' | 'SECRETS_KEY_ARN'>) =>
  dynamoAnswerStore(dynamo(), env.ANSWERS_TABLE, secretBox(env));

export const secretBox = (env: Env<'SECRETS_KEY_ARN'>) => kmsSecretBox(kms(), env.SECRETS_KEY_ARN);

/** API keys by their hash, for who lists and changes none. */
export const apiKeys = (env: Env<'TENANTS_TABLE'>) => dynamoApiKeys(dynamo(), env.TENANTS_TABLE);

/** Platform keys, tokens and external ids, for who lists and changes none. */
export const platformKeys = (env: Env<'PLATFORMS_TABLE'>) =>
  dynamoPlatformKeys(dynamo(), env.PLATFORMS_TABLE);

export const platforms = (
  env: Audited & Env<'PLATFORMS_TABLE' | 'TENANTS_TABLE' | 'WEBHOOKS_TABLE'>,
) =>
  dynamoPlatformStore(
    dynamo(),
    {
      platforms: env.PLATFORMS_TABLE,
      tenants: env.TENANTS_TABLE,
      webhooks: env.WEBHOOKS_TABLE,
    },
    trailOf(env),
  );

/** The tenants of platforms, for who lists them. */
export const platformTenants = (env: Env<'PLATFORMS_TABLE' | 'TENANTS_TABLE'>) =>
  dynamoPlatformTenants(dynamo(), { platforms: env.PLATFORMS_TABLE, tenants: env.TENANTS_TABLE });

/** The origins that platforms name, for preflight requests. */
export const platformOrigins = (env: Env<'PLATFORMS_TABLE'>) =>
  dynamoOrigins(dynamo(), env.PLATFORMS_TABLE);

/** Imports and their rows. */
export const imports = (env: Audited & Env<'PLATFORMS_TABLE'>) =>
  dynamoImportStore(dynamo(), env.PLATFORMS_TABLE, trailOf(env));

export const contacts = (env: Audited & Env<'PLATFORMS_TABLE'>) =>
  dynamoContactStore(dynamo(), env.PLATFORMS_TABLE, trailOf(env));

/** The chains of the audit log, for who reads none of its entries. */
export const auditSeals = (
  env: Env<'AUDIT_SEALS_TABLE'>,
): Pick<AuditLog, 'head' | 'noteAnchored' | 'seal' | 'sealsOf' | 'unanchored'> =>
  dynamoAuditLog(dynamo(), { audit: '', auditSeals: env.AUDIT_SEALS_TABLE });

export const auditLog = (env: Env<'AUDIT_TABLE' | 'AUDIT_SEALS_TABLE'>) =>
  dynamoAuditLog(dynamo(), { audit: env.AUDIT_TABLE, auditSeals: env.AUDIT_SEALS_TABLE });

export const auditAnchors = (env: Env<'AUDIT_BUCKET'>) =>
  s3AuditAnchors(auditAnchorsClient(), env.AUDIT_BUCKET);

/** What tenants may use, as this instance takes from it. */
export const budgets = (env: Env<'BUDGETS_TABLE' | 'BUDGET_LIMITS'>): Budgets =>
  budgetsOf({
    store: dynamoBudgetStore(dynamo(), env.BUDGETS_TABLE),
    limits: JSON.parse(env.BUDGET_LIMITS) as Limits,
    retryTime: realTime,
    log: (error) => logger.error('a budget could not be taken from', { error }),
  });

export const mailCounts = (env: Env<'BUDGETS_TABLE'>) =>
  dynamoMailCounts(dynamo(), env.BUDGETS_TABLE);

/** Reads the certificate of the SMTP server, at each call. */
export const serverCertificate = (env: Env<'CERTIFICATE_ARN'>) => {
  const client = certificateClient();
  return async () => exportCertificate(client, env.CERTIFICATE_ARN);
};

/** The checks table, for who sends. */
export const senderChecks = (env: Env<'CHECKS_TABLE'>) =>
  dynamoSenderChecks(dynamo(), env.CHECKS_TABLE);

/** The results of checks, for who only reads them. */
export const checkResults = (env: Env<'CHECKS_TABLE'>) =>
  dynamoCheckStore(dynamo(), env.CHECKS_TABLE);

export const handOvers = (env: Audited & Env<'HAND_OVERS_TABLE'>) =>
  dynamoHandOverStore(dynamo(), env.HAND_OVERS_TABLE, trailOf(env));

export const checks = (env: Env<'CHECKS_TABLE'>) => dynamoCheckStore(dynamo(), env.CHECKS_TABLE);

type ClaimEnv = Env<'CLAIMS_TABLE'> & Partial<Env<'KEY_DISCLOSURE' | 'DISCLOSURES_TABLE'>>;

/**
 * Claims, to be changed by who writes the audit log and read by all others. Retired keys are kept for
 * disclosure where the deployment discloses them.
 */
export function claims(env: Audited & ClaimEnv): ClaimStore;
export function claims(env: ClaimEnv): Omit<ClaimStore, ClaimWrite>;
export function claims(env: Partial<Audited> & ClaimEnv): ClaimStore {
  return dynamoClaimStore(
    dynamo(),
    env.CLAIMS_TABLE,
    trailOf(env),
    env.KEY_DISCLOSURE === 'on' ? env.DISCLOSURES_TABLE : undefined,
  );
}

type ClaimWrite = 'create' | 'update' | 'changeKeys' | 'hold' | 'release' | 'retire';

export const disclosures = (env: Env<'DISCLOSURES_TABLE' | 'CLAIMS_TABLE'>) =>
  dynamoDisclosureStore(dynamo(), { disclosures: env.DISCLOSURES_TABLE, claims: env.CLAIMS_TABLE });

export const flattenings = (env: Env<'FLATTENINGS_TABLE'>) =>
  dynamoFlatteningStore(dynamo(), env.FLATTENINGS_TABLE);

/** The networks of known mail services, by which addresses in reports are named. */
export const serviceNetworks = (env: Env<'FLATTENINGS_TABLE'>) =>
  dynamoServiceNetworks(dynamo(), env.FLATTENINGS_TABLE);

export const history = (env: Env<'EVENTS_TABLE'>) => dynamoHistory(dynamo(), env.EVENTS_TABLE);

/** Whom tenants have mailed: changed by who writes the audit log, read by all others. */
export function notices(env: Audited & Env<'NOTICES_TABLE'>): NoticeStore;
export function notices(env: Env<'NOTICES_TABLE'>): Omit<NoticeStore, 'change'>;
export function notices(env: Partial<Audited> & Env<'NOTICES_TABLE'>): NoticeStore {
  return dynamoNoticeStore(dynamo(), env.NOTICES_TABLE, trailOf(env));
}

export const identities = (env: Env<'IDENTITIES_TABLE'>) =>
  dynamoIdentityStore(dynamo(), env.IDENTITIES_TABLE);

/** The turns at SES's control plane. */
export const sesTurns = (env: Env<'IDENTITIES_TABLE'>) =>
  dynamoSesTurns(dynamo(), env.IDENTITIES_TABLE);
export const heldMessages = (env: Env<'MESSAGES_TABLE' | 'TENANTS_TABLE'>) =>
  dynamoHeldMessages(dynamo(), { messages: env.MESSAGES_TABLE, tenants: env.TENANTS_TABLE });

export const messages = (env: Env<'MESSAGES_TABLE'>) =>
  dynamoMessageStore(dynamo(), env.MESSAGES_TABLE);

export const outbox = (env: Env<'MESSAGES_TABLE'>) => dynamoOutbox(dynamo(), env.MESSAGES_TABLE);

export const publications = (env: Env<'PUBLICATIONS_TABLE'>) =>
  dynamoPublicationStore(dynamo(), env.PUBLICATIONS_TABLE);

export const zoneLeases = (env: Env<'LEASES_TABLE'>) =>
  dynamoZoneLeases(dynamo(), env.LEASES_TABLE);

export const reports = (env: Env<'REPORTS_TABLE'>) =>
  dynamoReportStore(dynamo(), env.REPORTS_TABLE);

export const canaryArrivals = (env: Env<'REPORTS_TABLE'>) =>
  dynamoCanaryArrivals(dynamo(), env.REPORTS_TABLE);

export const revocationLedger = (env: Env<'REVOCATIONS_BUCKET'>) =>
  s3RevocationLedger(revocationLedgerClient(), env.REVOCATIONS_BUCKET);

export const revokedKeys = (env: Env<'REVOKED_KEYS_TABLE'>) =>
  dynamoRevokedKeys(dynamo(), env.REVOKED_KEYS_TABLE);

export const rotationBacklog = (env: Env<'ROTATIONS_TABLE'>) =>
  dynamoRotationBacklog(dynamo(), env.ROTATIONS_TABLE);

export const rotationRateLimiter = (env: Env<'ROTATIONS_TABLE'>) =>
  dynamoRotationRateLimiter(dynamo(), env.ROTATIONS_TABLE);

export const rotationRuns = (env: Env<'ROTATIONS_TABLE'>) =>
  dynamoRotationRuns(dynamo(), env.ROTATIONS_TABLE);

export const suppressions = (env: Audited & Env<'SUPPRESSIONS_TABLE'>) =>
  dynamoSuppressionStore(dynamo(), env.SUPPRESSIONS_TABLE, trailOf(env));

/** Suppression lists, for who adds what bounced. */
export const reportedSuppressions = (env: Env<'SUPPRESSIONS_TABLE'>) =>
  dynamoReportedSuppressions(dynamo(), env.SUPPRESSIONS_TABLE);

/** Reputations, whose standing who writes the audit log changes and all others read. */
export function reputations(env: Audited & Env<'REPUTATIONS_TABLE'>): ReputationStore;
export function reputations(env: Env<'REPUTATIONS_TABLE'>): Omit<ReputationStore, 'move' | 'reset'>;
export function reputations(env: Partial<Audited> & Env<'REPUTATIONS_TABLE'>): ReputationStore {
  return dynamoReputationStore(dynamo(), env.REPUTATIONS_TABLE, trailOf(env));
}

/** Suppression lists, for who changes none. */
export const suppressed = (env: Env<'SUPPRESSIONS_TABLE'>, age: 'latest' | 'recent') =>
  dynamoSuppressed(dynamo(), env.SUPPRESSIONS_TABLE, age);

export const tenants = (env: Audited & Env<'TENANTS_TABLE'>) =>
  dynamoTenantStore(dynamo(), env.TENANTS_TABLE, trailOf(env));

export const invitations = (env: Audited & Env<'USERS_TABLE'>) =>
  dynamoInvitations(dynamo(), env.USERS_TABLE, trailOf(env));

export const keyUses = (env: Env<'USERS_TABLE'>) => dynamoKeyUses(dynamo(), env.USERS_TABLE);

/** Memberships; who does not write the audit log only reads them. */
export function memberships(env: Audited & Env<'USERS_TABLE'>): Memberships;
export function memberships(env: Env<'USERS_TABLE'>): Pick<Memberships, 'in' | 'of'>;
export function memberships(env: Partial<Audited> & Env<'USERS_TABLE'>): Memberships {
  return dynamoMemberships(dynamo(), env.USERS_TABLE, trailOf(env));
}

/** Webhooks; who does not write the audit log changes none. */
export function webhooks(env: Audited & Env<'WEBHOOKS_TABLE'>): WebhookStore;
export function webhooks(
  env: Env<'WEBHOOKS_TABLE'>,
): Omit<WebhookStore, 'add' | 'change' | 'remove'>;
export function webhooks(env: Partial<Audited> & Env<'WEBHOOKS_TABLE'>): WebhookStore {
  return dynamoWebhookStore(dynamo(), env.WEBHOOKS_TABLE, trailOf(env));
}

export const userDirectory = (env: Env<'USER_POOL_ID'>) =>
  cognitoUserDirectory(cognitoClient(), env.USER_POOL_ID);

export const userTokens = (env: Env<'USER_POOL_ID'>) => cognitoUserTokens(env.USER_POOL_ID);

export const keyForge = (env: Env<'WRAPPING_KEY_ARN'>) => kmsKeyForge(kms(), env.WRAPPING_KEY_ARN);

export const keyVault = (env: Env<'WRAPPING_KEY_ARN'>) => kmsKeyVault(kms(), env.WRAPPING_KEY_ARN);

/** @param key ARN of the key that Domain Connect requests are signed with */
export const requestSigner = (key: string) => kmsRequestSigner(kms(), key);

export const mails = (env: Env<'MAIL_BUCKET'>) => s3MailStore(mailStoreClient(), env.MAIL_BUCKET);

export const uploads = (env: Env<'MAIL_BUCKET'>) =>
  s3UploadStore(uploadStoreClient(), env.MAIL_BUCKET);

export const reportMails = (env: Env<'REPORTS_BUCKET'>) =>
  s3ReportMails(mailStoreClient(), env.REPORTS_BUCKET);

export const mailer = (env: Env<'CONFIGURATION_SET'>) =>
  sesMailer(mailerClient(), env.CONFIGURATION_SET);

/** @param log receives failures */
export const sendingAccount = (clock: Clock, log: (error: unknown) => void) =>
  sesSendingAccount(sendingAccountClient(), clock, log);

/** Reads the recipients a second that SES allows the account. */
export const sendRate = () => sesSendRate(sendingAccountClient());

export const sendQuota = () => sesSendQuota(sendingAccountClient());

export const queueDepths = () => sqsQueueDepths(sqs());

/** The schedule of mail that leaves by SES, for who leases nothing. */
export const rateScheduleReader = (env: Env<'EXIT_RATES_TABLE'>) =>
  dynamoRateScheduleReader(dynamo(), env.EXIT_RATES_TABLE, sesExit.name);

/** The schedule of mail that leaves by SES. */
export const rateSchedules = (env: Env<'EXIT_RATES_TABLE'>, clock: Clock) =>
  dynamoRateSchedules(dynamo(), env.EXIT_RATES_TABLE, sesExit.name, clock);

export const sesControl = () => sesIdentities(identitiesClient());

export const zone = () => route53Zone(route53Client());

/** The hosted zones of delegated domains. */
export const zoneHost = () => route53ZoneHost(route53Client());

export const delegatedZones = (env: Env<'DELEGATED_ZONES_TABLE'>) =>
  dynamoDelegatedZones(dynamo(), env.DELEGATED_ZONES_TABLE);
