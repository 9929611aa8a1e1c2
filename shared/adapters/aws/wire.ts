/**
 * Makes adapters from a function's environment, each typed by the variables that it needs. A caller
 * that did not declare its table, queue or setting does not compile. Clients are made at first use
 * and shared; a bundle takes in only what its handler calls.
 */
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Queue } from '#shared/app/ports/queues.ts';
import { dynamoApiKeys } from './api-keys.ts';
import { dynamoCheckStore } from './check-store.ts';
import { dynamoClaimStore } from './claim-store.ts';
import { dynamoDisclosureStore } from './disclosure-store.ts';
import { documentClient } from './dynamo.ts';
import { eventBridgeBus, eventBridgeClient } from './event-bus.ts';
import { dynamoFlatteningStore } from './flattening-store.ts';
import { dynamoHistory } from './history.ts';
import { dynamoIdentityStore } from './identity-store.ts';
import { kmsClient, kmsKeyForge } from './key-forge.ts';
import { kmsKeyVault } from './key-vault.ts';
import { mailStoreClient, s3MailStore } from './mail-store.ts';
import { mailerClient, sesMailer } from './mailer.ts';
import { dynamoMessageStore } from './message-store.ts';
import { dynamoPublicationStore } from './publication-store.ts';
import { s3ReportMails } from './report-mails.ts';
import { dynamoReportStore } from './report-store.ts';
import { kmsRequestSigner } from './request-signer.ts';
import { dynamoRevokedKeys } from './revoked-keys.ts';
import { dynamoRotationBacklog } from './rotation-backlog.ts';
import { dynamoRotationRateLimiter } from './rotation-rate-limiter.ts';
import { dynamoRotationRuns } from './rotation-runs.ts';
import { route53Client, route53Zone } from './route-53.ts';
import { identitiesClient, sesIdentities } from './ses-identities.ts';
import { sqsClient, sqsQueue } from './sqs.ts';
import { dynamoTenantStore } from './tenant-store.ts';
import { cognitoClient, cognitoUserDirectory } from './user-directory.ts';
import { dynamoInvitations, dynamoRemovedUsers } from './user-store.ts';
import { cognitoUserTokens } from './user-tokens.ts';
import { dynamoWebhookStore } from './webhook-store.ts';

type Env<Name extends string> = Readonly<Record<Name, string>>;

let dynamoOnce: DynamoDBDocumentClient | undefined;
const dynamo = () => (dynamoOnce ??= documentClient());
let sqsOnce: SQSClient | undefined;
const sqs = () => (sqsOnce ??= sqsClient());
let kmsOnce: KMSClient | undefined;
const kms = () => (kmsOnce ??= kmsClient());

/** @param url a variable of a queue that the function is declared to send to */
export const queue = <Request>(url: string): Queue<Request> => sqsQueue(sqs(), url);

export const eventBus = (env: Env<'EVENT_BUS'>) =>
  eventBridgeBus(eventBridgeClient(), env.EVENT_BUS);

/** API keys by their hash, for who lists and changes none. */
export const apiKeys = (env: Env<'TENANTS_TABLE'>) => dynamoApiKeys(dynamo(), env.TENANTS_TABLE);

export const checks = (env: Env<'CHECKS_TABLE'>) => dynamoCheckStore(dynamo(), env.CHECKS_TABLE);

/** Retired keys are kept for disclosure where the deployment discloses them. */
export const claims = (
  env: Env<'CLAIMS_TABLE'> & Partial<Env<'KEY_DISCLOSURE' | 'DISCLOSURES_TABLE'>>,
) =>
  dynamoClaimStore(
    dynamo(),
    env.CLAIMS_TABLE,
    env.KEY_DISCLOSURE === 'on' ? env.DISCLOSURES_TABLE : undefined,
  );

export const disclosures = (env: Env<'DISCLOSURES_TABLE' | 'CLAIMS_TABLE'>) =>
  dynamoDisclosureStore(dynamo(), { disclosures: env.DISCLOSURES_TABLE, claims: env.CLAIMS_TABLE });

export const flattenings = (env: Env<'FLATTENINGS_TABLE'>) =>
  dynamoFlatteningStore(dynamo(), env.FLATTENINGS_TABLE);

export const history = (env: Env<'EVENTS_TABLE'>) => dynamoHistory(dynamo(), env.EVENTS_TABLE);

export const identities = (env: Env<'IDENTITIES_TABLE'>) =>
  dynamoIdentityStore(dynamo(), env.IDENTITIES_TABLE);

export const messages = (env: Env<'MESSAGES_TABLE'>) =>
  dynamoMessageStore(dynamo(), env.MESSAGES_TABLE);

export const publications = (env: Env<'PUBLICATIONS_TABLE'>) =>
  dynamoPublicationStore(dynamo(), env.PUBLICATIONS_TABLE);

export const reports = (env: Env<'REPORTS_TABLE'>) =>
  dynamoReportStore(dynamo(), env.REPORTS_TABLE);

export const revokedKeys = (env: Env<'REVOKED_KEYS_TABLE'>) =>
  dynamoRevokedKeys(dynamo(), env.REVOKED_KEYS_TABLE);

export const rotationBacklog = (env: Env<'ROTATIONS_TABLE'>) =>
  dynamoRotationBacklog(dynamo(), env.ROTATIONS_TABLE);

export const rotationRateLimiter = (env: Env<'ROTATIONS_TABLE'>) =>
  dynamoRotationRateLimiter(dynamo(), env.ROTATIONS_TABLE);

export const rotationRuns = (env: Env<'ROTATIONS_TABLE'>) =>
  dynamoRotationRuns(dynamo(), env.ROTATIONS_TABLE);

export const tenants = (env: Env<'TENANTS_TABLE'>) =>
  dynamoTenantStore(dynamo(), env.TENANTS_TABLE);

export const invitations = (env: Env<'USERS_TABLE'>) =>
  dynamoInvitations(dynamo(), env.USERS_TABLE);

export const removedUsers = (env: Env<'USERS_TABLE'>) =>
  dynamoRemovedUsers(dynamo(), env.USERS_TABLE);

export const webhooks = (env: Env<'WEBHOOKS_TABLE'>) =>
  dynamoWebhookStore(dynamo(), env.WEBHOOKS_TABLE);

export const userDirectory = (env: Env<'USER_POOL_ID'>) =>
  cognitoUserDirectory(cognitoClient(), env.USER_POOL_ID);

export const userTokens = (env: Env<'USER_POOL_ID'>) => cognitoUserTokens(env.USER_POOL_ID);

export const keyForge = (env: Env<'WRAPPING_KEY_ARN'>) => kmsKeyForge(kms(), env.WRAPPING_KEY_ARN);

export const keyVault = (env: Env<'WRAPPING_KEY_ARN'>) => kmsKeyVault(kms(), env.WRAPPING_KEY_ARN);

/** @param key ARN of the key that Domain Connect requests are signed with */
export const requestSigner = (key: string) => kmsRequestSigner(kms(), key);

export const mails = (env: Env<'MAIL_BUCKET'>) => s3MailStore(mailStoreClient(), env.MAIL_BUCKET);

export const reportMails = (env: Env<'REPORTS_BUCKET'>) =>
  s3ReportMails(mailStoreClient(), env.REPORTS_BUCKET);

export const mailer = (env: Env<'CONFIGURATION_SET'>) =>
  sesMailer(mailerClient(), env.CONFIGURATION_SET);

export const sesControl = () => sesIdentities(identitiesClient());

export const zone = () => route53Zone(route53Client());
