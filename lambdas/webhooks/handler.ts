import * as aws from '#shared/adapters/aws/wire.ts';
import { addressesBy } from '#shared/adapters/dns/addresses.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import { publicPost } from '#shared/adapters/webhooks/post.ts';
import { clock, logger, messageHandler } from '#shared/runtime/handler.ts';
import { handle, type WebhookMessage, type WebhookPorts } from './deliver.ts';
import declaration from './function.ts';
import { WebhookSecrets } from './webhook-secrets.ts';
import { WebhookTime } from './webhook-time.ts';

/** Events from the bus, and their deliveries to tenants' endpoints. */
const delivery = {
  work: (ports: WebhookPorts, body: string) => handle(JSON.parse(body) as WebhookMessage, ports),
  failed: (error: unknown) => logger.error('a webhook message failed', error as Error),
};

export const handler = messageHandler(declaration, delivery, (env) => ({
  webhooks: aws.webhooks(env),
  secrets: new WebhookSecrets({
    webhooks: aws.webhooks(env),
    box: aws.secretBox(env),
    log: (error) => logger.error('the secret of a webhook could not be sealed', error as Error),
  }),
  bus: aws.eventBus(env),
  queue: aws.queue(env.WEBHOOK_QUEUE_URL),
  post: publicPost(addressesBy(dns.resolver(env))),
  time: new WebhookTime({ budgets: aws.budgets(env), clock }),
  clock,
  random: Math.random,
}));
