import * as aws from '#shared/adapters/aws/wire.ts';
import type { RollOutThresholds } from '#shared/core/model/roll-out.ts';
import type { RollOutRequest } from '#shared/app/ports/roll-out-requests.ts';
import { deploymentOf, environmentOf, logger, messageHandler } from '#shared/runtime/handler.ts';
import { evaluateRollOut, type RollOutPorts } from './evaluate.ts';
import declaration from './function.ts';
import { report } from './reporting.ts';

const env = environmentOf(declaration);
const ports: RollOutPorts = {
  deployment: deploymentOf(env),
  claims: aws.claims(env),
  reports: aws.reports(env),
  thresholds: JSON.parse(env.ROLL_OUT) as RollOutThresholds,
  report,
};

/** DMARC plans to be looked at, one after another: each reads weeks of reports. */
export const handler = messageHandler(
  (body) => evaluateRollOut(JSON.parse(body) as RollOutRequest, ports),
  (error, body) => logger.error('a DMARC plan could not be looked at', { body, error }),
  { inTurn: true },
);
