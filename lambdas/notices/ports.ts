import type { Clock } from '#shared/app/ports/clock.ts';
import type { NoticeStore } from '#shared/app/ports/notice-store.ts';
import type { NoticeRequest, Queue } from '#shared/app/ports/queues.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import type { ServiceMailPorts, ServiceSender } from '#shared/app/sending/service-mail.ts';
import type { NoticeKind } from '#shared/core/model/notice.ts';

export interface NoticePorts extends ServiceMailPorts {
  readonly notices: Pick<NoticeStore, 'settings' | 'gather' | 'close'>;
  readonly tenants: Pick<TenantStore, 'nameOf' | 'stateOf'>;
  readonly queue: Queue<NoticeRequest>;
  readonly clock: Clock;
  /** Undefined where the operator sends no mails of the service's own. */
  readonly sender: ServiceSender | undefined;
  /** The address of the dashboard. */
  readonly dashboard: string;
  readonly log: (event: NoticeEvent) => void;
}

/** `mailed`: somebody was mailed a notice. `failed`: a message failed, and comes again. */
export type NoticeEvent =
  | { readonly kind: 'mailed'; readonly notice: NoticeKind; readonly events: number }
  | { readonly kind: 'failed'; readonly error: unknown };
