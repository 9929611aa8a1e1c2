import type { DomainName } from '#shared/core/model/names.ts';
import {
  IdentityQuotaFull,
  type SesIdentities,
  type SesIdentity,
} from '#shared/app/ports/identities.ts';

interface Known {
  status: SesIdentity['status'];
  mailFrom?: string;
}

const tokenOf = (domain: DomainName): string => `token-of-${domain}`;

/** SES's identities in memory, with every call noted and failures that a test plants. */
export class MemorySesIdentities implements SesIdentities {
  readonly identities = new Map<DomainName, Known>();
  /** Each call, as `operation domain ...`. */
  readonly calls: string[] = [];
  /** Errors that the next calls fail with, one each, before anything is done; undefined spares a call. */
  readonly failing: (Error | undefined)[] = [];
  /** Domains that every call about fails for, with a 500. */
  readonly broken = new Set<DomainName>();
  /** The most identities of the account. */
  quota = 10_000;

  async verify(domain: DomainName): Promise<string> {
    this.#call('verify', domain);
    const known = this.identities.get(domain);
    if (known === undefined && this.identities.size >= this.quota) {
      throw new IdentityQuotaFull('You have reached the maximum number of identities.');
    }
    // Asking again starts a failed verification over; a verified identity stays so.
    if (known?.status !== 'ready') {
      this.identities.set(domain, { ...known, status: 'preparing' });
    }
    return tokenOf(domain);
  }

  async setMailFrom(domain: DomainName, mailFrom: string): Promise<void> {
    this.#call('setMailFrom', domain, mailFrom);
    const known = this.identities.get(domain);
    if (known === undefined) throw new Error(`Identity <${domain}> does not exist.`);
    known.mailFrom = mailFrom;
  }

  async status(domains: readonly DomainName[]): Promise<Map<DomainName, SesIdentity>> {
    this.#call('status', ...domains);
    if (domains.length > 100) throw new Error('at most 100 identities');
    return new Map(
      domains.flatMap((domain) => {
        const known = this.identities.get(domain);
        return known === undefined
          ? []
          : [[domain, { status: known.status, token: tokenOf(domain) }]];
      }),
    );
  }

  async delete(domain: DomainName): Promise<void> {
    this.#call('delete', domain);
    this.identities.delete(domain);
  }

  async list(cursor = '0'): Promise<{ count: number; cursor?: string }> {
    this.#call('list', cursor);
    const count = Math.min(1_000, this.identities.size - Number(cursor));
    const next = Number(cursor) + count;
    return { count, ...(next < this.identities.size ? { cursor: String(next) } : {}) };
  }

  /** SES found the record, or gave up its search. */
  settle(domain: DomainName, status: SesIdentity['status']): void {
    this.identities.get(domain)!.status = status;
  }

  /** Somebody else made an identity in the account. */
  givenForeign(domain: DomainName, mailFrom?: string): void {
    this.identities.set(domain, {
      status: 'ready',
      ...(mailFrom === undefined ? {} : { mailFrom }),
    });
  }

  #call(operation: string, ...words: string[]): void {
    this.calls.push([operation, ...words].join(' '));
    const failure = this.failing.shift();
    if (failure !== undefined) throw failure;
    if (words.some((word) => this.broken.has(word as DomainName))) throw new Error('SES is out');
  }
}
