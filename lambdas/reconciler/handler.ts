import * as aws from '#shared/adapters/aws/wire.ts';
import { deploymentOf, environmentOf, patience, scheduleHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import type { ReconcilerPorts } from './ports.ts';
import { reconcile } from './reconcile.ts';
import { report } from './reporting.ts';

const env = environmentOf(declaration);
const ports: ReconcilerPorts = {
  ...patience,
  deployment: deploymentOf(env),
  claims: aws.claims(env),
  publications: aws.publications(env),
  revokedKeys: aws.revokedKeys(env),
  zone: aws.zone(),
  publishQueue: aws.queue(env.PUBLISH_QUEUE_URL),
  report,
};

/** Left for the last writes and messages. */
const RESERVE_MS = 20_000;

export const handler = scheduleHandler((at, deadline) =>
  reconcile(ports, at, deadline - RESERVE_MS),
);
