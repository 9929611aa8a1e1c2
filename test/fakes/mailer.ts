import type { AttemptOutcome } from '#shared/core/model/recipient-batch.ts';
import { sesExit } from '#shared/core/mail/exit.ts';
import type { Envelope, Mailer } from '#shared/app/ports/mail.ts';

/** A mail that SES accepted. */
export interface Accepted {
  readonly exitId: string;
  readonly raw: Buffer;
  readonly envelope: Envelope;
}

/**
 * - `throttle`: nothing is done.
 * - `reset-before`, `reset-after`: the connection breaks before, or after, the mail was accepted.
 */
export type Fault = 'throttle' | 'reset-before' | 'reset-after';

/** SES in memory: refuses what SES refuses, and keeps what it accepted. */
export class MemoryMailer implements Mailer {
  readonly exit = sesExit;
  readonly accepted: Accepted[] = [];
  /** Faults of the next calls, one each. */
  readonly faults: Fault[] = [];
  readonly #identities: Set<string>;

  constructor(...identities: string[]) {
    this.#identities = new Set(identities);
  }

  verify(domain: string): void {
    this.#identities.add(domain);
  }

  async send(raw: Buffer, envelope: Envelope): Promise<AttemptOutcome> {
    const fault = this.faults.shift();
    if (fault === 'throttle') {
      return { kind: 'throttled', reason: 'Maximum sending rate exceeded.', waitSeconds: 1 };
    }
    if (fault === 'reset-before') return { kind: 'unclear', reason: 'socket hang up' };
    const reason = this.#refusal(raw, envelope);
    if (reason !== undefined) return { kind: 'refused', reason };
    const exitId = `ses-${this.accepted.length + 1}`;
    this.accepted.push({ exitId, raw: Buffer.from(raw), envelope: structuredClone(envelope) });
    return fault === 'reset-after'
      ? { kind: 'unclear', reason: 'socket hang up' }
      : { kind: 'sent', exitId };
  }

  #refusal(raw: Buffer, { source, recipients }: Envelope): string | undefined {
    const domain = source.slice(source.lastIndexOf('@') + 1);
    if (!this.#identities.has(domain)) return `Email address is not verified: ${source}`;
    if (recipients.length > 50) return 'Recipient count exceeds 50.';
    const header = raw.subarray(0, raw.indexOf('\r\n\r\n')).toString('latin1');
    const signatures = header.match(/^dkim-signature:/gim)?.length ?? 0;
    return signatures > 1 ? "Duplicate header 'DKIM-Signature'." : undefined;
  }
}
