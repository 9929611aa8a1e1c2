import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { mailStoreClient } from '#shared/adapters/aws/mail-store.ts';
import { s3ReportMails } from '#shared/adapters/aws/report-mails.ts';
import { dynamoReportStore } from '#shared/adapters/aws/report-store.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import { dnsResolver, parseServers } from '#shared/adapters/dns/resolver.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/log.ts';
import { decodeNotification } from './decode.ts';
import { receiveReport, type ReportPorts } from './receive.ts';
import { report } from './reporting.ts';

const env = requireEnv(
  Env.deployment,
  Env.claimsTable,
  Env.reportsTable,
  Env.reportsBucket,
  Env.reporters,
  Env.rotationQueueUrl,
  Env.resolvers,
  Env.authoritativePort,
);
const dynamo = documentClient();

const ports: ReportPorts = {
  deployment: JSON.parse(env[Env.deployment]) as Deployment,
  reporters: env[Env.reporters].split(','),
  claims: dynamoClaimStore(dynamo, env[Env.claimsTable]),
  mails: s3ReportMails(mailStoreClient(), env[Env.reportsBucket]),
  store: dynamoReportStore(dynamo, env[Env.reportsTable]),
  resolver: dnsResolver({
    resolvers: parseServers(env[Env.resolvers]),
    authoritativePort: Number(env[Env.authoritativePort]),
  }),
  rotationQueue: sqsQueue(sqsClient(), env[Env.rotationQueueUrl]),
  clock: { now: () => new Date() },
  report,
};

/** Mail that SES stored (by SNS, raw delivery), one after another: each may take much memory. */
export async function handler({ Records: records }: SQSEvent): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  for (const { body, messageId } of records) {
    try {
      await receiveReport(decodeNotification(body), ports);
    } catch (error) {
      logger.error('a report could not be taken', { error });
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}
