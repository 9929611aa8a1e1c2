import type { Context } from 'aws-lambda';
import * as aws from '#shared/adapters/aws/wire.ts';
import {
  deadlineOf,
  deploymentOf,
  environmentOf,
  patience,
  scheduledTimeOf,
  type ScheduleEvent,
} from '#shared/runtime/handler.ts';
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

/** The daily schedule; an operator may call it with `{}` at any time. */
export async function handler(event: ScheduleEvent, context: Context): Promise<void> {
  const at = event.scheduledTime === undefined ? new Date() : scheduledTimeOf(event);
  await reconcile(ports, at, deadlineOf(context) - RESERVE_MS);
}
