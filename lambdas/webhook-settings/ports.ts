import type { Budgets } from '#shared/app/budgets/budgets.ts';
import type { Clock, Random } from '#shared/app/ports/clock.ts';
import type { NoticeStore } from '#shared/app/ports/notice-store.ts';
import type { DeliveryRequest, Queue } from '#shared/app/ports/queues.ts';
import type { SecretBox } from '#shared/app/ports/secret-box.ts';
import type { WebhookStore } from '#shared/app/ports/webhook-store.ts';
import type { DomainName } from '#shared/core/model/names.ts';

/** The ports of the routes about webhooks and notices. */
export interface SettingsPorts {
  readonly webhooks: Omit<WebhookStore, 'put' | 'wantedTypes'>;
  /** Secrets are sealed here, and opened only where they sign. */
  readonly box: Pick<SecretBox, 'seal'>;
  readonly queue: Queue<DeliveryRequest>;
  readonly notices: Pick<NoticeStore, 'settings' | 'change'>;
  /** True if the operator sends mails of the service's own. */
  readonly sendsMails: boolean;
  readonly budgets: Pick<Budgets, 'take'>;
  readonly zone: DomainName;
  readonly clock: Clock;
  readonly random: Random;
}
