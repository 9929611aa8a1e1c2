import * as aws from '#shared/adapters/aws/wire.ts';
import { clock, environmentOf, sqsHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { pollAll, type InsyncPorts } from './poll.ts';
import { report } from './reporting.ts';
import { tellPublished } from './tell-published.ts';

const env = environmentOf(declaration);
const telling = { claims: aws.claims(env), bus: aws.eventBus(env) };
const ports: InsyncPorts = {
  publications: aws.publications(env),
  zone: aws.zone(),
  insyncQueue: aws.queue(env.INSYNC_QUEUE_URL),
  clock,
  tellPublished: (labels, at) => tellPublished(telling, labels, at),
  report,
};

/** Polls of Route 53 changes; one that is still pending is queued again, not failed. */
export const handler = sqsHandler((bodies) => pollAll(ports, bodies));
