import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoReportStore } from '#shared/adapters/aws/report-store.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import type { RollOutThresholds } from '#shared/core/model/roll-out.ts';
import type { RollOutRequest } from '#shared/app/ports/roll-out-requests.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/log.ts';
import { evaluateRollOut, type RollOutPorts } from './evaluate.ts';
import { report } from './reporting.ts';

const env = requireEnv(Env.deployment, Env.claimsTable, Env.reportsTable, Env.rollOut);
const dynamo = documentClient();

const ports: RollOutPorts = {
  deployment: JSON.parse(env[Env.deployment]) as Deployment,
  claims: dynamoClaimStore(dynamo, env[Env.claimsTable]),
  reports: dynamoReportStore(dynamo, env[Env.reportsTable]),
  thresholds: JSON.parse(env[Env.rollOut]) as RollOutThresholds,
  report,
};

/** DMARC plans to be looked at, one after another: each reads weeks of reports. */
export async function handler({ Records: records }: SQSEvent): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  for (const { body, messageId } of records) {
    try {
      await evaluateRollOut(JSON.parse(body) as RollOutRequest, ports);
    } catch (error) {
      logger.error('a DMARC plan could not be looked at', { body, error });
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}
