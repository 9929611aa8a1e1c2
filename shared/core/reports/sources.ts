import type { Deployment } from '../model/deployment.ts';
import type { DayAggregates } from './day.ts';
import type { Group } from './group.ts';
import { areAligned, organizationOf } from './row.ts';
import { serviceOf } from './services/find-service.ts';
import type { MailService } from './services/service.ts';

/** The properties that identify a domain's own mail of this service. */
export interface SourceContext {
  readonly domain: string;
  /** The custom MAIL FROM domain: `bounces.example.com`. */
  readonly mailFrom: string;
  readonly selectors: readonly string[];
}

export const sourceContext = (
  domain: string,
  { bounceLabel, selectors }: Pick<Deployment, 'bounceLabel' | 'selectors'>,
): SourceContext => ({ domain, mailFrom: `${bounceLabel}.${domain}`, selectors });

/**
 * - `service`: SES, by which this service sends.
 * - `sender`: a host that SPF or DKIM names; the customer's, or anybody's with a domain.
 * - `forwarder`: it passes on mail that others signed for the domain; signatures that it breaks are
 *   no evidence about senders.
 * - `unknown`: nothing but an address.
 */
export type SourceKind = 'service' | 'sender' | 'forwarder' | 'unknown';

export interface Source {
  /** `ses`, `forwarded`, a domain, or an address; customers confirm sources by it. */
  readonly id: string;
  readonly kind: SourceKind;
}

const SES_DOMAIN = 'amazonses.com';
const service: Source = { id: 'ses', kind: 'service' };
const forwarder: Source = { id: 'forwarded', kind: 'forwarder' };

/**
 * Returns the sender of mail, as far as it is proven. SPF proves the host that handed it over, so
 * it comes first: a DKIM signature also survives forwarding and replay, by hosts that the customer
 * never chose.
 */
export function sourceOf(group: Group, { domain, mailFrom, selectors }: SourceContext): Source {
  const envelope = group.envelope?.result === 'pass' ? group.envelope.domain : undefined;
  const signature = group.signature?.result === 'pass' ? group.signature : undefined;
  if (envelope !== undefined && (isSes(envelope) || envelope === mailFrom)) return service;
  if (signature?.domain === domain && selectors.includes(signature.selector)) return forwarder;
  if (envelope !== undefined && group.dkim && serviceOf(envelope)?.forwards) return forwarder;
  if (envelope !== undefined) {
    return {
      id: areAligned(envelope, domain) ? envelope : organizationOf(envelope),
      kind: 'sender',
    };
  }
  if (signature !== undefined && !areAligned(signature.domain, domain)) {
    return { id: organizationOf(signature.domain), kind: 'sender' };
  }
  return { id: group.source || 'others', kind: signature === undefined ? 'unknown' : 'sender' };
}

const isSes = (name: string): boolean => name === SES_DOMAIN || name.endsWith(`.${SES_DOMAIN}`);

/** A group with its source. */
export interface SourcedGroup {
  readonly aggregates: DayAggregates;
  readonly group: Group;
  readonly source: Source;
}

/**
 * Names the source of each group. Mail that nothing proves is its address's main sender's, where
 * that address sent mail that something does prove: so a sender whose SPF and DKIM both break keeps
 * its name.
 *
 * @param days the more days, the more addresses are known; unverified ones name no address
 */
export function sourced(days: readonly DayAggregates[], context: SourceContext): SourcedGroup[] {
  const read = days.flatMap((aggregates) =>
    aggregates.groups.map((group) => ({ aggregates, group, source: sourceOf(group, context) })),
  );
  const groups = withForwarders(read);
  const main = mainSenders(groups);
  return groups.map((one) => {
    const { source, group } = one;
    const sender = source.kind === 'unknown' ? main.get(group.source) : undefined;
    return sender === undefined ? one : { ...one, source: sender };
  });
}

/**
 * Recognises forwarders: SPF fails at them, but a signature for the domain passes that another
 * sender makes, whom SPF proves. A forwarder keeps the MAIL FROM and has no right to it.
 */
function withForwarders(groups: readonly SourcedGroup[]): readonly SourcedGroup[] {
  const proven = groups.filter(
    ({ aggregates, group }) =>
      aggregates.reporter !== undefined && group.dkim && group.envelope?.result === 'pass',
  );
  const signers = new Set(proven.map(({ group }) => signerOf(group)));
  const addresses = new Set(proven.map(({ group }) => group.source));
  return groups.map((one) => {
    const { group } = one;
    const forwarded =
      group.dkim &&
      failsSpf(group) &&
      group.source !== '' &&
      !addresses.has(group.source) &&
      signers.has(signerOf(group));
    return forwarded ? { ...one, source: forwarder } : one;
  });
}

/** The key that a passing signature names; another one for each group without any. */
const signerOf = ({ signature }: Group): string | symbol =>
  signature?.result === 'pass' && signature.selector !== ''
    ? `${signature.selector} ${signature.domain}`
    : Symbol('no signer');

const failsSpf = ({ envelope }: Group): boolean =>
  envelope?.result === 'fail' || envelope?.result === 'softfail';

/** The sender of most of the proven mail of each address. */
function mainSenders(groups: readonly SourcedGroup[]): ReadonlyMap<string, Source> {
  const senders = new Map<string, Map<string, Source & { messages: number }>>();
  for (const { aggregates, group, source } of groups) {
    if (source.kind === 'unknown' || aggregates.reporter === undefined) continue;
    const known = senders.get(group.source) ?? new Map<string, Source & { messages: number }>();
    senders.set(group.source, known);
    const messages = (known.get(source.id)?.messages ?? 0) + group.messages;
    known.set(source.id, { ...source, messages });
  }
  return new Map(
    [...senders].flatMap(([address, known]) => {
      const [first] = [...known.values()].sort((a, b) => b.messages - a.messages);
      return first === undefined ? [] : [[address, { id: first.id, kind: first.kind }] as const];
    }),
  );
}

/** Finds the service that a group's mail is proven to come from: by SPF, else by DKIM. */
export function serviceOfGroup({ envelope, signature }: Group): MailService | undefined {
  return (
    (envelope?.result === 'pass' ? serviceOf(envelope.domain) : undefined) ??
    (signature?.result === 'pass' ? serviceOf(signature.domain) : undefined)
  );
}
