import type { Group } from './group.ts';

/** Number of messages, and of those that passed. DMARC passes where DKIM or SPF does, aligned. */
export interface Outcomes {
  readonly messages: number;
  readonly passed: number;
  readonly dkim: number;
  readonly spf: number;
  readonly quarantined: number;
  readonly rejected: number;
}

/** Sums the outcomes of groups. */
export class Tally {
  readonly #counts = { messages: 0, passed: 0, dkim: 0, spf: 0, quarantined: 0, rejected: 0 };

  add({ messages, dkim, spf, disposition }: Group): void {
    const counts = this.#counts;
    counts.messages += messages;
    if (dkim || spf) counts.passed += messages;
    if (dkim) counts.dkim += messages;
    if (spf) counts.spf += messages;
    if (disposition === 'quarantine') counts.quarantined += messages;
    if (disposition === 'reject') counts.rejected += messages;
  }

  outcomes(): Outcomes {
    return { ...this.#counts };
  }
}
