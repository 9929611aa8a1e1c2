import { type TableName, type TableShape, tables as shapes } from '#shared/runtime/tables.ts';
import type { RetryTime } from '#shared/async/retry.ts';
import type { RevokedKeys } from '../ports/key-vault.ts';
import type { Revocation, RevocationLedger } from '../ports/revocation-ledger.ts';
import type { TableCopies } from '../ports/table-copies.ts';
import { recoverRevocations } from '../revocations/recover.ts';

/** Milliseconds between two questions whether a table is there; a restore takes minutes. */
const POLL_MS = 5_000;

export interface RestorePorts extends Pick<RetryTime, 'sleep'> {
  readonly copies: TableCopies;
  readonly ledger: Pick<RevocationLedger, 'since'>;
  /** The table of revoked keys of this name. */
  readonly revokedKeysIn: (table: string) => Pick<RevokedKeys, 'among' | 'add'>;
  /** Receives what is done, in words. */
  readonly log: (line: string) => void;
}

/** `tables` of the configuration: what the functions are to use instead. */
export type OtherTables = Partial<
  Record<TableName, { readonly name: string; readonly stream?: string }>
>;

/**
 * Makes tables as they were at a time, under new names, with everything that the service needs of
 * them. Every revocation that was ever made is added to the table of revoked keys, so that no key
 * comes back. It can be run again after a failure: what is there is not made again.
 *
 * @param sources the tables that are in use
 * @returns what the configuration has to name
 * @throws CannotRestore
 */
export async function restoreTables(
  sources: Partial<Record<TableName, string>>,
  at: Date,
  { copies, ledger, revokedKeysIn, sleep, log }: RestorePorts,
): Promise<OtherTables> {
  const names = Object.entries(sources) as [TableName, string][];
  const targets = names.map(([name, source]) => [name, source, nameAt(source, at)] as const);
  for (const [, source, target] of targets) {
    await copies.copy(source, target, at);
    log(`${source} is being copied to ${target}`);
  }
  const others: OtherTables = {};
  for (const [name, , target] of targets) {
    while (!(await copies.isReady(target))) await sleep(POLL_MS);
    const { ttl, stream }: TableShape = shapes[name];
    const arn = await copies.complete(target, {
      ...(ttl === undefined ? {} : { ttl }),
      ...(stream === undefined ? {} : { stream }),
    });
    log(`${target} is ready`);
    others[name] = { name: target, ...(arn === undefined ? {} : { stream: arn }) };
  }
  const revoked = others.revokedKeys;
  if (revoked !== undefined) {
    const logged = (some: readonly Revocation[]) =>
      some.forEach(({ keyId, revokedAt }) => log(`${keyId}, revoked ${revokedAt}, stays revoked`));
    const revokedKeys = revokedKeysIn(revoked.name);
    const count = await recoverRevocations({ ledger, revokedKeys, log: logged });
    log(`${count} revocations were added to ${revoked.name}`);
  }
  return others;
}

/** A name that says of what time a copy is, the same each time: `sender-domains-claims-20261130T120000`. */
export function nameAt(source: string, at: Date): string {
  const time = at.toISOString().replaceAll(/[-:]|\.\d+Z$/g, '');
  return `${source.replace(/-\d{8}T\d{6}$/, '')}-${time}`;
}
