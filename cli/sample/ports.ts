import { randomBytes } from 'node:crypto';
import { dynamoCheckStore } from '#shared/adapters/aws/check-store.ts';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { kmsClient, kmsKeyForge } from '#shared/adapters/aws/key-forge.ts';
import { dynamoMailCounts } from '#shared/adapters/aws/mail-counts.ts';
import { dynamoMessageStore } from '#shared/adapters/aws/message-store.ts';
import { dynamoReportStore } from '#shared/adapters/aws/report-store.ts';
import { dynamoReputationStore } from '#shared/adapters/aws/reputation-store.ts';
import { dynamoSuppressionStore } from '#shared/adapters/aws/suppression-store.ts';
import { dynamoTenantStore } from '#shared/adapters/aws/tenant-store.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import type { ClaimPorts } from '#shared/app/claims/ports.ts';
import type { CheckStore } from '#shared/app/ports/check-store.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { MailCounts } from '#shared/app/ports/mail-counts.ts';
import type { MessageStore } from '#shared/app/ports/message-store.ts';
import type { ReportStore } from '#shared/app/ports/report-store.ts';
import type { ReputationStore } from '#shared/app/ports/reputation-store.ts';
import type { SuppressionStore } from '#shared/app/ports/suppression-store.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import { deploymentOf, system } from '#shared/runtime/handler.ts';
import { accessKeyOf } from '../../local/runtime/deployment.ts';
import { operatorTrail } from '../operator-trail.ts';
import type { LocalRun } from '../service/run.ts';

/** What the sample writes by: the service's own stores, on the local run. */
export interface SamplePorts {
  readonly claims: ClaimStore;
  readonly checks: CheckStore;
  readonly messages: MessageStore;
  readonly counts: MailCounts;
  readonly reports: ReportStore;
  readonly reputations: ReputationStore;
  readonly suppressions: SuppressionStore;
  readonly tenants: Pick<TenantStore, 'list'>;
  /** The ports of claiming a domain at a time of the past, ISO 8601; no budget is used. */
  readonly claimedAt: (at: string) => ClaimPorts;
  readonly close: () => void;
}

/** @throws Error where the function of the domain routes is not declared as it was */
export function samplePorts({ endpoints: { aws }, deployment }: LocalRun): SamplePorts {
  const { endpoint, region, tables, accessKeyId, secretAccessKey } = aws;
  const config = { endpoint, region, credentials: { accessKeyId, secretAccessKey } };
  const client = documentClient(config);
  const table = (name: string): string => {
    const found = tables[name];
    if (found === undefined) throw new Error(`the local run has no table ${name}`);
    return found;
  };
  const onboarding = [...deployment.functions.values()].find(
    ({ variables: { WRAPPING_KEY_ARN: key, BUDGET_LIMITS: limits } }) =>
      key !== undefined && limits !== undefined,
  );
  if (onboarding === undefined) throw new Error('no function is declared that claims domains');
  const variable = (name: string): string => {
    const found = onboarding.variables[name];
    if (found === undefined) throw new Error(`${onboarding.name} has no variable ${name}`);
    return found;
  };
  // The policy of the wrapping key lets the function make key pairs, and not the operator.
  const kms = kmsClient({
    ...config,
    credentials: { accessKeyId: accessKeyOf(onboarding.name), secretAccessKey },
  });
  const trail = operatorTrail(table('audit'));
  const claims = dynamoClaimStore(client, table('claims'), trail);
  const checks = dynamoCheckStore(client, table('checks'));
  return {
    claims,
    checks,
    messages: dynamoMessageStore(client, table('messages')),
    counts: dynamoMailCounts(client, table('budgets')),
    reports: dynamoReportStore(client, table('reports')),
    reputations: dynamoReputationStore(client, table('reputations'), trail),
    suppressions: dynamoSuppressionStore(client, table('suppressions'), trail),
    tenants: dynamoTenantStore(client, table('tenants'), trail),
    claimedAt: (at) => ({
      ...system,
      claims,
      checks,
      deployment: deploymentOf({ DEPLOYMENT: variable('DEPLOYMENT') }),
      budgets: {
        take: async (subject, group, amount) => ({ subject, group, amount, windows: [] }),
        limit: async () => Number.MAX_SAFE_INTEGER,
      },
      forge: kmsKeyForge(kms, variable('WRAPPING_KEY_ARN')),
      resolver: dns.resolver({
        RESOLVERS: variable('RESOLVERS'),
        AUTHORITATIVE_PORT: variable('AUTHORITATIVE_PORT'),
      }),
      clock: { now: () => new Date(at) },
      random: { bytes: (count) => randomBytes(count) },
    }),
    close: () => {
      client.destroy();
      kms.destroy();
    },
  };
}
