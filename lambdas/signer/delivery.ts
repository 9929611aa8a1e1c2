import type { Message } from '#shared/core/model/message.ts';
import type { CarriedMail } from '#shared/app/sending/carried-mail.ts';
import type { Again } from './again.ts';
import type { MailKeeper } from './mail-keeper.ts';
import type { SignerPorts, SignerSettings } from './ports.ts';
import type { SigningPermission } from './signing-permission.ts';

/** The state that the messages of one batch share. */
export interface Batch {
  readonly ports: SignerPorts;
  readonly settings: SignerSettings;
  /** No attempt begins after it: the function could end before the attempt does. */
  readonly deadline: Date;
  /** Set once SES throttles: nothing else of the batch is tried. */
  throttled: Again | undefined;
  readonly keeper: MailKeeper;
  /** Age of the oldest mail that was due, and neither held nor unclear. */
  oldestSeconds: number;
  count(name: string): void;
}

/** What the steps of one message's delivery share. */
export interface Delivery {
  readonly batch: Batch;
  readonly message: Message;
  readonly sendPermission: SigningPermission;
  /** Recipients of all its recipient batches. */
  readonly recipients: number;
  /** The mail itself, where its message in the queue carries it. */
  readonly carried: CarriedMail | undefined;
}

/** Names a recipient batch in lines of the log. */
export const namesOf = (
  { message: { tenant, id } }: Delivery,
  recipientBatch: number,
): Record<string, unknown> => ({ tenant, messageId: id, recipientBatch });
