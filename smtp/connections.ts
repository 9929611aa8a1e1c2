import { reply, type Reply } from './reply.ts';

/** The connections that one task serves at once. */
export interface ConnectionLimits {
  readonly total: number;
  /** Of one tenant, signed in. */
  readonly perTenant: number;
  /** From one address, not signed in yet. */
  readonly perAddress: number;
}

interface Connection {
  readonly address: string;
  /** Epoch milliseconds. */
  readonly since: number;
  tenant?: string;
  busy: boolean;
}

/**
 * The connections that are open, by session id, and who has how many. A client that leaves while it
 * signs in is counted out once: what comes after its end changes nothing.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #open = new Map<string, Connection>();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Counts a connection in.
   *
   * @param now epoch milliseconds
   * @returns the reply where it is refused; it is not counted then
   */
  enter(id: string, address: string, now: number): Reply | undefined {
    if (this.#open.size >= this.#limits.total) {
      return reply(421, '4.3.2', 'The server has too many connections; try again in a minute.');
    }
    const { perAddress } = this.#limits;
    const unknown = this.#count((each) => each.tenant === undefined && each.address === address);
    if (unknown >= perAddress) {
      return reply(
        421,
        '4.7.0',
        `Your address has ${perAddress} connections that have not signed in; sign in, or close some.`,
      );
    }
    this.#open.set(id, { address, since: now, busy: false });
    return undefined;
  }

  /** Counts a connection as its tenant's. @returns the reply where the tenant has too many */
  signIn(id: string, tenant: string): Reply | undefined {
    const connection = this.#open.get(id);
    if (connection === undefined || connection.tenant === tenant) return undefined;
    const { perTenant } = this.#limits;
    if (this.#count((each) => each.tenant === tenant) >= perTenant) {
      return reply(421, '4.7.0', `Your account has ${perTenant} connections open; close some.`);
    }
    connection.tenant = tenant;
    return undefined;
  }

  /** Marks a connection as one that a mail is coming in on, or no longer. */
  setBusy(id: string, busy: boolean): void {
    const connection = this.#open.get(id);
    if (connection !== undefined) connection.busy = busy;
  }

  isBusy(id: string): boolean {
    return this.#open.get(id)?.busy ?? false;
  }

  /** Returns true if a connection was made before a time, and nobody has signed in on it. */
  isUnknownSince(id: string, time: number): boolean {
    const connection = this.#open.get(id);
    return connection !== undefined && connection.tenant === undefined && connection.since < time;
  }

  leave(id: string): void {
    this.#open.delete(id);
  }

  #count(matches: (connection: Connection) => boolean): number {
    let count = 0;
    for (const connection of this.#open.values()) if (matches(connection)) count += 1;
    return count;
  }
}
