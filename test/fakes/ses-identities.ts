import type { SendingStatus } from '#shared/core/model/check.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { SesIdentities } from '#shared/app/ports/identities.ts';

interface Known {
  status: SendingStatus;
  mailFrom?: string;
}

/** SES's identities in memory, with every call noted and failures that a test plants. */
export class MemorySesIdentities implements SesIdentities {
  readonly identities = new Map<DomainName, Known>();
  /** Each call, as `operation domain ...`. */
  readonly calls: string[] = [];
  /** Errors that the next calls fail with, one each, before anything is done; undefined spares a call. */
  readonly failing: (Error | undefined)[] = [];

  async verify(domain: DomainName): Promise<string> {
    this.#call('verify', domain);
    const known = this.identities.get(domain);
    // Asking again starts a failed verification over; a verified identity stays so.
    if (known?.status !== 'ready') {
      this.identities.set(domain, { ...known, status: 'preparing' });
    }
    return `token-of-${domain}`;
  }

  async setMailFrom(domain: DomainName, mailFrom: string): Promise<void> {
    this.#call('setMailFrom', domain, mailFrom);
    const known = this.identities.get(domain);
    if (known === undefined) throw new Error(`Identity <${domain}> does not exist.`);
    known.mailFrom = mailFrom;
  }

  async status(domains: readonly DomainName[]): Promise<Map<DomainName, SendingStatus>> {
    this.#call('status', ...domains);
    if (domains.length > 100) throw new Error('at most 100 identities');
    return new Map(
      domains.flatMap((domain) => {
        const known = this.identities.get(domain);
        return known === undefined ? [] : [[domain, known.status]];
      }),
    );
  }

  async delete(domain: DomainName): Promise<void> {
    this.#call('delete', domain);
    this.identities.delete(domain);
  }

  /** SES found the record, or gave up its search. */
  settle(domain: DomainName, status: SendingStatus): void {
    this.identities.get(domain)!.status = status;
  }

  #call(...words: string[]): void {
    this.calls.push(words.join(' '));
    const failure = this.failing.shift();
    if (failure !== undefined) throw failure;
  }
}
