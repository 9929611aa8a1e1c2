import type { Identity, SesIdentities } from '#shared/app/ports/identities.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { IdentityPorts } from './ports.ts';
import { callInTurn } from '#shared/app/ses-turn.ts';

type Next = Omit<Identity, 'version'>;

/** The turns of one call of the function, and the identities as they are known to them. */
export class Batch {
  readonly ports: IdentityPorts;
  readonly #deadline: number;
  readonly #known: Map<DomainName, Identity>;

  /**
   * @param deadline epoch milliseconds after which no work begins
   * @param known the stored identities of the batch's domains
   */
  constructor(ports: IdentityPorts, deadline: number, known: Map<DomainName, Identity>) {
    this.ports = ports;
    this.#deadline = deadline;
    this.#known = known;
  }

  now(): Date {
    return this.ports.clock.now();
  }

  isOver(): boolean {
    return this.now().getTime() >= this.#deadline;
  }

  /** Calls SES's control plane, in a turn of its own. */
  call<T>(work: (ses: SesIdentities) => Promise<T>): Promise<T> {
    return callInTurn(this.ports, this.#deadline, () => work(this.ports.ses));
  }

  identity(domain: DomainName): Identity | undefined {
    return this.#known.get(domain);
  }

  /** @throws Conflict */
  async put(next: Next, before: Identity | undefined): Promise<Identity> {
    const written = await this.ports.identities.put(next, before);
    this.#known.set(written.domain, written);
    return written;
  }

  /**
   * Writes a change of an identity, which holds whatever others wrote of it meanwhile.
   *
   * @throws Conflict where it is gone, or each time
   */
  async amend(domain: DomainName, change: (identity: Identity) => Next): Promise<Identity> {
    try {
      const known = this.identity(domain);
      if (known !== undefined) return await this.put(change(known), known);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
    const stored = await this.reread(domain);
    if (stored === undefined) throw new Conflict(`the identity of ${domain}`);
    return this.put(change(stored), stored);
  }

  async reread(domain: DomainName): Promise<Identity | undefined> {
    const stored = await this.ports.identities.get(domain);
    if (stored === undefined) this.#known.delete(domain);
    else this.#known.set(domain, stored);
    return stored;
  }

  /** @throws Conflict */
  async delete(identity: Identity): Promise<void> {
    await this.ports.identities.delete(identity);
    this.#known.delete(identity.domain);
  }
}
