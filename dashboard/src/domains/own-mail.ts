import type { Reports } from '../api/client.ts';

type Source = Reports['sources'][number];

/** Counts of mail that receivers reported. */
export interface Share {
  readonly messages: number;
  readonly passed: number;
}

/** The reported mail, apart by whose it is. */
export interface Shares {
  readonly own: Share;
  readonly forwarded: Share;
  readonly others: Share;
}

/** Returns true of a source that is the customer's: this service, and those that count for the plan. */
export const isOwn = ({ kind, known, decision }: Source): boolean =>
  decision !== 'ignored' && (kind === 'service' || known || decision === 'confirmed');

/** Counts the mail of the customer's own sources, of forwarders, and of all others apart. */
export function sharesOf(sources: readonly Source[]): Shares {
  const forwards = (source: Source): boolean => source.kind === 'forwarder' && !isOwn(source);
  return {
    own: sum(sources.filter(isOwn)),
    forwarded: sum(sources.filter(forwards)),
    others: sum(sources.filter((source) => !isOwn(source) && !forwards(source))),
  };
}

const sum = (sources: readonly Source[]): Share => ({
  messages: sources.reduce((total, { messages }) => total + messages, 0),
  passed: sources.reduce((total, { passed }) => total + passed, 0),
});

/** The share of a number of mails that passed; null where there are none. */
export const rateOf = ({ messages, passed }: Share): number | null =>
  messages === 0 ? null : passed / messages;
