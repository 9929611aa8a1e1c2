import type { SMTPServerDataStream } from 'smtp-server';
import { limiter, type Limiter } from '#shared/async/limit.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { HeaderEnd } from './header-end.ts';
import { IncomingMail } from './incoming.ts';
import type { SmtpLimits } from './limits.ts';
import type { Accepted, Identity, SmtpLog, SmtpPorts } from './ports.ts';

/** A mail that a client is about to send. */
export interface Transaction {
  readonly session: string;
  readonly identity: Identity;
  readonly recipients: readonly string[];
  /** SIZE of MAIL FROM (RFC 1870), where the client gave one. */
  readonly declaredOctets: number | undefined;
  readonly data: SMTPServerDataStream;
}

type ReceivePorts = Pick<SmtpPorts, 'checkHeader' | 'submit'>;

const bounded = (weight: number): Limiter => limiter({ tasks: Infinity, weight });

/**
 * Makes the function that receives mail within the task's memory and disk. A client whose mail does
 * not fit yet is held back by TCP: nobody reads its data until others are done.
 *
 * @param folder the spool
 */
export function receiver(
  ports: ReceivePorts,
  { limits, folder, log }: { limits: SmtpLimits; folder: string; log: Pick<SmtpLog, 'failed'> },
): (transaction: Transaction) => Promise<Accepted> {
  const inMemory = bounded(limits.receivingOctets);
  const onDisk = bounded(limits.spooledOctets);
  const submitting = bounded(limits.submittingOctets);

  return async (transaction) => {
    const expected = Math.min(transaction.declaredOctets ?? limits.mailOctets, limits.mailOctets);
    const spooled = expected > limits.memoryOctets ? expected : 0;
    const memory = Math.min(expected, limits.memoryOctets);
    return onDisk(() => inMemory(() => receive(transaction), memory), spooled);
  };

  async function receive(transaction: Transaction): Promise<Accepted> {
    const { session, identity, recipients, data } = transaction;
    const mail = new IncomingMail(folder, session, limits.memoryOctets);
    try {
      await collect(mail, transaction);
      if (data.sizeExceeded || mail.size > limits.mailOctets) throw tooLarge(limits.mailOctets);
      return await submitting(
        async () => ports.submit({ identity, raw: await mail.read(), recipients }),
        mail.size,
      );
    } finally {
      // A refused mail is read to its end, or its client would not listen to the reply.
      data.resume();
      await mail.discard().catch((error: unknown) => {
        log.failed(
          { session, tenant: identity.tenant, during: 'removing the spooled mail' },
          error,
        );
      });
    }
  }

  /**
   * Takes the mail in. The header of a mail that goes on for long is checked first; a short mail is
   * submitted as soon.
   *
   * @throws Refusal as soon as its header shows one; Error where the client is gone
   */
  async function collect(mail: IncomingMail, { identity, data }: Transaction): Promise<void> {
    const headerEnd = new HeaderEnd();
    let octets: number | undefined;
    let checked = false;
    for await (const piece of data.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      if (data.sizeExceeded) return;
      await mail.add(piece);
      if (checked) continue;
      octets ??= headerEnd.add(piece);
      // A header that goes on beyond what stays in memory is judged with the whole mail.
      if (mail.isSpooled) checked = true;
      if (octets === undefined || mail.isSpooled || mail.size <= limits.shortOctets) continue;
      checked = true;
      const refusal = await ports.checkHeader(identity, mail.start.subarray(0, octets));
      if (refusal !== undefined) throw refusal;
    }
  }
}

const tooLarge = (limit: number): Refusal =>
  new Refusal('payload-too-large', `The mail is too large: at most ${limit} octets.`);
