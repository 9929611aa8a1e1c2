import type { DmarcPolicy } from '../model/dmarc-policy.ts';
import { lowered } from './enforcement.ts';
import type { DmarcRecord } from './record.ts';

/** A policy as it can be hosted, and what its record said that a hosted one cannot. */
export interface ImportedPolicy {
  readonly policy: DmarcPolicy;
  /** Why it is milder than the record for some receivers; absent where it asks the same of all. */
  readonly milder?: string;
}

type Requests = Pick<DmarcPolicy, 'p' | 'sp' | 'np' | 't'>;

/**
 * Returns the requests of a record that no receiver is stricter by, whether it knows `pct` (RFC 7489)
 * or not (RFC 9989): one level lower where `pct` is less than 100, since hosted records have none.
 *
 * `t=y` goes with that level: receivers that know it took it off already.
 *
 * @param requests the record's, as they apply to the domain
 */
export function withoutPct(
  requests: Requests,
  { pct = 100, isImplicit }: Pick<DmarcRecord, 'pct' | 'isImplicit'>,
): { readonly requests: Requests; readonly milder?: string } {
  const { p, sp, np, t } = requests;
  if (isImplicit === true && sp !== undefined && sp !== 'none') {
    const { sp: _, ...rest } = requests;
    return {
      requests: rest,
      milder: `The record has no "p", and receivers of the old standard (RFC 7489) then apply none of it. The policy here starts as p=none for subdomains too, which is stricter for no receiver.`,
    };
  }
  if (pct === 100 || (p === 'none' && (sp ?? 'none') === 'none')) return { requests };
  const to: Requests = {
    p: lowered(p),
    ...(sp === undefined ? {} : { sp: lowered(sp) }),
    ...(np === undefined ? {} : { np: t === 'y' ? lowered(np) : np }),
  };
  // Receivers of either RFC take one level off already.
  if (t === 'y' && pct === 0) return { requests: to };
  const stated = sp === undefined || sp === p ? `p=${p}` : `p=${p}; sp=${sp}`;
  const start = to.sp === undefined || to.sp === to.p ? `p=${to.p}` : `p=${to.p}; sp=${to.sp}`;
  const same = t === 'y';
  return {
    requests: to,
    milder: `Your record says ${stated}; pct=${pct}. "pct" was removed from DMARC (RFC 9989): receivers that know it apply the policy to ${pct}% of the mail and one level less to the rest, and ${same ? 'those that do not know it apply one level less to all, by t=y' : 'those that do not know it apply it to all'}. The policy here starts as ${start}, one level lower, so that no receiver is stricter than today; the DMARC plan leads up again by what receivers report.`,
  };
}
