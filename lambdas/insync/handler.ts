import * as aws from '#shared/adapters/aws/wire.ts';
import { clock, sqsHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { pollAll } from './poll.ts';
import { log } from './log.ts';
import { publishHostedEvents } from './publish-hosted-events.ts';

/** Polls of Route 53 changes; one that is still pending is queued again, not failed. */
export const handler = sqsHandler(declaration, pollAll, (env) => {
  const eventPorts = { claims: aws.claims(env), bus: aws.eventBus(env) };
  return {
    publications: aws.publications(env),
    zone: aws.zone(),
    insyncQueue: aws.queue(env.INSYNC_QUEUE_URL),
    clock,
    publishHostedEvents: (labels, at) => publishHostedEvents(eventPorts, labels, at),
    log,
  };
});
