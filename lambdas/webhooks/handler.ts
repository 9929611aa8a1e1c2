import * as aws from '#shared/adapters/aws/wire.ts';
import { addressesBy } from '#shared/adapters/dns/addresses.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import { publicPost } from '#shared/adapters/webhooks/post.ts';
import { clock, environmentOf, logger, messageHandler } from '#shared/runtime/handler.ts';
import { handle, type WebhookMessage, type WebhookPorts } from './deliver.ts';
import declaration from './function.ts';

const env = environmentOf(declaration);
const ports: WebhookPorts = {
  webhooks: aws.webhooks(env),
  queue: aws.queue(env.WEBHOOK_QUEUE_URL),
  post: publicPost(addressesBy(dns.resolver(env))),
  clock,
  random: Math.random,
};

/** Events from the bus, and their deliveries to tenants' endpoints. */
export const handler = messageHandler(
  (body) => handle(JSON.parse(body) as WebhookMessage, ports),
  (error) => logger.error('a webhook message failed', error as Error),
);
