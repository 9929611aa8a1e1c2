import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiEvent, ApiResult } from '#shared/api/http.ts';
import type { RouteKey } from '#shared/api/routes/route.ts';
import { dynamoCheckStore } from '#shared/adapters/aws/check-store.ts';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { dynamoDisclosureStore } from '#shared/adapters/aws/disclosure-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoFlatteningStore } from '#shared/adapters/aws/flattening-store.ts';
import { dynamoHistory } from '#shared/adapters/aws/history.ts';
import { dynamoIdentityStore } from '#shared/adapters/aws/identity-store.ts';
import { kmsClient, kmsKeyForge } from '#shared/adapters/aws/key-forge.ts';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import { dynamoPublicationStore } from '#shared/adapters/aws/publication-store.ts';
import { dynamoRevokedKeys } from '#shared/adapters/aws/revoked-keys.ts';
import { kmsRequestSigner } from '#shared/adapters/aws/request-signer.ts';
import { dynamoRotationBacklog } from '#shared/adapters/aws/rotation-backlog.ts';
import { dynamoReportStore } from '#shared/adapters/aws/report-store.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import { runCheck } from '#shared/app/checks/run-check.ts';
import { addressesBy } from '#shared/adapters/dns/addresses.ts';
import { dnsResolver, parseServers } from '#shared/adapters/dns/resolver.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import type { DomainConnectService } from '#shared/core/domain-connect/service.ts';
import { publicRequest } from '#shared/adapters/https/public-request.ts';
import type { RollOutThresholds } from '#shared/core/model/roll-out.ts';
import type { RotationPorts } from '#shared/app/rotation/ports.ts';
import { reportKeyEvent } from '#shared/app/rotation/reporting.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/log.ts';
import { answerBy } from './answer.ts';
import type { DomainPorts } from './ports.ts';

const env = requireEnv(
  Env.deployment,
  Env.domainConnect,
  Env.claimsTable,
  Env.publicationsTable,
  Env.checksTable,
  Env.identitiesTable,
  Env.reportsTable,
  Env.eventsTable,
  Env.flatteningsTable,
  Env.revokedKeysTable,
  Env.rotationsTable,
  Env.disclosuresTable,
  Env.keyDisclosure,
  Env.rollOut,
  Env.wrappingKeyArn,
  Env.identityQueueUrl,
  Env.checkQueueUrl,
  Env.rotationQueueUrl,
  Env.resolvers,
  Env.authoritativePort,
);
const dynamo = documentClient();
const sqs = sqsClient();
const clock = { now: () => new Date() };
const discloses = env[Env.keyDisclosure] === 'on';

const stores = {
  deployment: JSON.parse(env[Env.deployment]) as Deployment,
  claims: dynamoClaimStore(
    dynamo,
    env[Env.claimsTable],
    discloses ? env[Env.disclosuresTable] : undefined,
  ),
  checks: dynamoCheckStore(dynamo, env[Env.checksTable]),
  identities: dynamoIdentityStore(dynamo, env[Env.identitiesTable]),
  resolver: dnsResolver({
    resolvers: parseServers(env[Env.resolvers]),
    authoritativePort: Number(env[Env.authoritativePort]),
  }),
  random: { bytes: (size: number) => randomBytes(size) },
};

const checkPorts = {
  ...stores,
  identityQueue: sqsQueue(sqs, env[Env.identityQueueUrl], { fifo: true }),
  checkQueue: sqsQueue(sqs, env[Env.checkQueueUrl]),
  rotationQueue: sqsQueue(sqs, env[Env.rotationQueueUrl]),
};

const rotationPorts: RotationPorts = {
  ...stores,
  publications: dynamoPublicationStore(dynamo, env[Env.publicationsTable]),
  revokedKeys: dynamoRevokedKeys(dynamo, env[Env.revokedKeysTable]),
  backlog: dynamoRotationBacklog(dynamo, env[Env.rotationsTable]),
  forge: kmsKeyForge(kmsClient(), env[Env.wrappingKeyArn]),
  rotationQueue: sqsQueue(sqs, env[Env.rotationQueueUrl]),
  patience: { clock, sleep, random: Math.random },
  isOutage,
  report: reportKeyEvent,
};

/** What the operator has set up for Domain Connect. */
const connect = JSON.parse(env[Env.domainConnect]) as
  | (DomainConnectService & { readonly key: string })
  | null;

const ports: DomainPorts = {
  ...stores,
  ...(connect && {
    domainConnect: {
      service: connect,
      signer: kmsRequestSigner(kmsClient(), connect.key),
      request: publicRequest(addressesBy(stores.resolver), { timeoutMs: 5_000 }),
      report: (problem) => logger.error(problem),
    },
  }),
  flattenings: dynamoFlatteningStore(dynamo, env[Env.flatteningsTable]),
  history: dynamoHistory(dynamo, env[Env.eventsTable]),
  disclosures: dynamoDisclosureStore(dynamo, {
    disclosures: env[Env.disclosuresTable],
    claims: env[Env.claimsTable],
  }),
  discloses,
  rollOut: JSON.parse(env[Env.rollOut]) as RollOutThresholds,
  reports: dynamoReportStore(dynamo, env[Env.reportsTable]),
  publications: rotationPorts.publications,
  backlog: rotationPorts.backlog,
  rotation: rotationPorts,
  forge: rotationPorts.forge,
  runCheck: async (claim) => (await runCheck(claim, checkPorts, clock.now())).claim,
  clock,
  patience: rotationPorts.patience,
};

/**
 * Every route of the API, one a line. The bundler puts it in (infra/constructs/bundle.ts), so that the
 * schemas and texts of other functions' routes stay out.
 */
declare const ROUTE_KEYS: string;

const answer = answerBy(ROUTE_KEYS.split('\n') as RouteKey[]);

/** The routes about domains, and the answer to every route that there is not. */
export function handler(event: ApiEvent): Promise<ApiResult> {
  return answer(event, ports, (error) => logger.error('a request failed', error as Error));
}
