import * as aws from '#shared/adapters/aws/wire.ts';
import { deploymentOf, environmentOf, patience, sqsHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import type { PublisherPorts } from './ports.ts';
import { publishAll } from './publish-all.ts';
import { report } from './reporting.ts';

const env = environmentOf(declaration);
const ports: PublisherPorts = {
  ...patience,
  deployment: deploymentOf(env),
  claims: aws.claims(env),
  publications: aws.publications(env),
  revokedKeys: aws.revokedKeys(env),
  zone: aws.zone(),
  publishQueue: aws.queue(env.PUBLISH_QUEUE_URL),
  insyncQueue: aws.queue(env.INSYNC_QUEUE_URL),
  report,
};

/** Left for the call under way, its notes and queueing the rest again. */
const RESERVE_MS = 20_000;

/** Publish requests of some shards; FIFO lets nobody else at these shards meanwhile. */
export const handler = sqsHandler((bodies, deadline) =>
  publishAll(ports, bodies, deadline - RESERVE_MS),
);
