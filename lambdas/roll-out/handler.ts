import * as aws from '#shared/adapters/aws/wire.ts';
import type { RollOutThresholds } from '#shared/core/model/roll-out.ts';
import type { RollOutRequest } from '#shared/app/ports/roll-out-requests.ts';
import { deploymentOf, logger, messageHandler } from '#shared/runtime/handler.ts';
import { evaluateRollOut, type RollOutPorts } from './evaluate.ts';
import declaration from './function.ts';
import { log } from './log.ts';

/** DMARC plans to evaluate, one after another: each reads weeks of reports. */
const evaluation = {
  work: (ports: RollOutPorts, body: string) =>
    evaluateRollOut(JSON.parse(body) as RollOutRequest, ports),
  failed: (error: unknown, body: string) =>
    logger.error('a DMARC plan could not be evaluated', { body, error }),
  inTurn: true,
};

export const handler = messageHandler(declaration, evaluation, (env) => ({
  deployment: deploymentOf(env),
  claims: aws.claims(env),
  reports: aws.reports(env),
  thresholds: JSON.parse(env.ROLL_OUT) as RollOutThresholds,
  log,
}));
