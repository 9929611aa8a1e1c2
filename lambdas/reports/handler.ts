import * as aws from '#shared/adapters/aws/wire.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import { clock, deploymentOf, logger, messageHandler } from '#shared/runtime/handler.ts';
import { decodeNotification } from './decode.ts';
import declaration from './function.ts';
import { type CanaryNotePorts, noteCanary } from './note-canary.ts';
import { receiveReport, type ReportPorts } from './receive.ts';
import { log } from './log.ts';

/** Mail that SES stored (by SNS, raw delivery), one after another: each may take much memory. */
const receiving = {
  async work(ports: ReportPorts & CanaryNotePorts, body: string): Promise<void> {
    const mail = decodeNotification(body);
    if (!(await noteCanary(mail, ports))) await receiveReport(mail, ports);
  },
  failed: (error: unknown) => logger.error('a report could not be taken', { error }),
  inTurn: true,
};

export const handler = messageHandler(declaration, receiving, (env) => ({
  deployment: deploymentOf(env),
  reporters: env.REPORTERS.split(','),
  claims: aws.claims(env),
  mails: aws.reportMails(env),
  store: aws.reports(env),
  arrivals: aws.canaryArrivals(env),
  resolver: dns.resolver(env),
  rotationQueue: aws.queue(env.ROTATION_QUEUE_URL),
  clock,
  log,
}));
