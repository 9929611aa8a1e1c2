import type { Flattening } from './flatten.ts';
import { parseSpf } from './record.ts';
import { DAY_MS, MINUTE_MS, later } from '../time.ts';

/** The addresses found for a flattened include, beside the published ones. */
export interface FlatteningState {
  /** Addresses that differ from those published, and since when they are seen, ISO 8601. */
  readonly candidate?: { readonly addresses: readonly string[]; readonly since: string };
  /** The reason why the candidate is not published by itself. */
  readonly held?: { readonly detail: string; readonly since: string };
  /** The reason why the last query failed, and since when queries have. */
  readonly failure?: { readonly detail: string; readonly since: string };
}

export interface Confirmation {
  readonly state: FlatteningState;
  /** Addresses to publish now. */
  readonly publish?: readonly string[];
  /** The time of the next query, ISO 8601. */
  readonly dueAt: string;
}

/** Time for which a change must persist after it was first seen. */
const CONFIRM_AFTER_MS = 5 * MINUTE_MS;
const RETRY_MS = 15 * MINUTE_MS;
const SHORTEST_MS = 10 * MINUTE_MS;
const LONGEST_MS = DAY_MS;
const DEFAULT_TTL = 3_600;

/**
 * Decides what to publish after a query of a flattened include. A change is published only once a
 * second query agrees. While queries fail, the last good answer stays. Where more than half of the
 * addresses of either family would go, the change is blocked until the customer confirms it.
 *
 * @param published undefined before the first addresses are
 * @param now ISO 8601
 */
export function confirmAddresses(
  published: readonly string[] | undefined,
  state: FlatteningState,
  seen: Flattening,
  now: string,
): Confirmation {
  const after = (milliseconds: number) => later(now, milliseconds);
  if (seen.kind === 'failed') {
    const failure = { detail: seen.detail, since: state.failure?.since ?? now };
    return { state: { ...state, failure }, dueAt: after(RETRY_MS) };
  }
  const { addresses, ttl = DEFAULT_TTL } = seen;
  const dueAt = after(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ttl * 1000)));
  if (published !== undefined && sameList(addresses, published)) return { state: {}, dueAt };
  const { candidate, held } = state;
  if (candidate === undefined || !sameList(candidate.addresses, addresses)) {
    return { state: { candidate: { addresses, since: now } }, dueAt: after(CONFIRM_AFTER_MS) };
  }
  const agreedAt = Date.parse(candidate.since) + CONFIRM_AFTER_MS;
  if (Date.parse(now) < agreedAt) {
    return { state: { candidate }, dueAt: new Date(agreedAt).toISOString() };
  }
  const shrink = published && shrunk(published, addresses);
  if (shrink === undefined) return { state: {}, publish: addresses, dueAt };
  return { state: { candidate, held: held ?? { detail: shrink, since: now } }, dueAt };
}

const sameList = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((text, index) => text === other[index]);

/** Says what goes where more than half of either family's addresses would; else undefined. */
function shrunk(before: readonly string[], after: readonly string[]): string | undefined {
  for (const kind of ['ip4', 'ip6'] as const) {
    const [had, has] = [before, after].map((list) => sizeOf(list, kind)) as [bigint, bigint];
    if (has * 2n < had) {
      return `of its ${had} ${kind === 'ip4' ? 'IPv4' : 'IPv6'} addresses ${has} would be left`;
    }
  }
  return undefined;
}

const sizeOf = (list: readonly string[], kind: 'ip4' | 'ip6'): bigint =>
  list
    .flatMap((text) => parseSpf(`v=spf1 ${text}`).mechanisms)
    .reduce(
      (sum, mechanism) =>
        mechanism.kind === kind
          ? sum + 2n ** BigInt(mechanism.network.length * 8 - mechanism.prefix)
          : sum,
      0n,
    );
