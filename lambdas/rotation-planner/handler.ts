import * as aws from '#shared/adapters/aws/wire.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import {
  deploymentOf,
  environmentOf,
  listOf,
  retryTime,
  type ScheduleEvent,
} from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import type { PlannerPorts } from './ports.ts';
import { log } from './log.ts';
import { runTask } from './run-task.ts';

const env = environmentOf(declaration);
const ports: PlannerPorts = {
  ...retryTime,
  deployment: deploymentOf(env),
  claims: aws.claims(env),
  publications: aws.publications(env),
  runs: aws.rotationRuns(env),
  backlog: aws.rotationBacklog(env),
  rotationQueue: aws.queue(env.ROTATION_QUEUE_URL),
  settings: {
    ownDomains: listOf(env.ROTATION_OWN_DOMAINS) as DomainName[],
    claimsPerSecond: Number(env.ROTATIONS_PER_SECOND),
    watchMinutes: Number(env.ROTATION_WATCH_MINUTES),
  },
  log,
};

/** The next call comes a minute after this one. */
const CALL_MS = 58_000;

export const handler = (event: ScheduleEvent) => runTask(ports, event, Date.now() + CALL_MS);
