import * as aws from '#shared/adapters/aws/wire.ts';
import { addressesBy } from '#shared/adapters/dns/addresses.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import { publicPost } from '#shared/adapters/webhooks/post.ts';
import { clock, logger, messageHandler } from '#shared/runtime/handler.ts';
import { handle, type WebhookMessage, type WebhookPorts } from './deliver.ts';
import declaration from './function.ts';

/** Events from the bus, and their deliveries to tenants' endpoints. */
const delivery = {
  work: (ports: WebhookPorts, body: string) => handle(JSON.parse(body) as WebhookMessage, ports),
  failed: (error: unknown) => logger.error('a webhook message failed', error as Error),
};

export const handler = messageHandler(declaration, delivery, (env) => ({
  webhooks: aws.webhooks(env),
  queue: aws.queue(env.WEBHOOK_QUEUE_URL),
  post: publicPost(addressesBy(dns.resolver(env))),
  clock,
  random: Math.random,
}));
