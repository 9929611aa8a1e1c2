import type { DomainInShort } from '../api/client.ts';
import type { Overview } from '../api/queries/overview.ts';
import { paths } from '../paths.ts';

/** One thing that needs the reader. */
export interface Task {
  readonly id: string;
  readonly severity: 'error' | 'warning' | 'pending';
  readonly text: string;
  /** The page where to see to it. */
  readonly href: string;
}

const number = new Intl.NumberFormat();
const dateOnly = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const day = (at: string): string => dateOnly.format(new Date(at));

/** The page of the one domain, or the list of those with the status. */
const pageOf = (some: readonly DomainInShort[], status: string): string =>
  some.length === 1 && some[0] !== undefined
    ? paths.domain(some[0].name)
    : `${paths.domains}?status=${status}`;

/** Says of whom something is true: the name of one domain, else how many. */
const subject = (some: readonly DomainInShort[]): string =>
  some.length === 1 && some[0] !== undefined
    ? some[0].name
    : `${number.format(some.length)} domains`;

const verb = (some: readonly unknown[], one: string, several: string): string =>
  some.length === 1 ? one : several;

/** Lists what needs the reader, the most urgent first. */
export function tasksOf({ domains, mail }: Overview): Task[] {
  const live = domains.filter(({ lifecycle }) => lifecycle === 'live');
  const having = (wanted: DomainInShort['status']): DomainInShort[] =>
    live.filter(({ status }) => status === wanted);
  return [
    ...sendingStopped(mail),
    ...stopping(having('at-risk')),
    ...lost(having('lost')),
    ...risky(having('at-risk').filter(({ lostAt }) => lostAt === null)),
    ...complaints(live, mail),
    ...heldPolicies(live.filter(({ policyHeld }) => policyHeld)),
    ...waiting(having('pending')),
  ];
}

function sendingStopped({ standing }: Overview['mail']): Task[] {
  if (standing === 'good') return [];
  const text =
    standing === 'paused'
      ? 'No mail is sent: too much of it bounced or was reported as spam. It waits for the operator of the service.'
      : 'Mail is sent more slowly: too much of it bounces or is reported as spam.';
  return [
    {
      id: 'standing',
      severity: standing === 'paused' ? 'error' : 'warning',
      text,
      href: paths.suppressions,
    },
  ];
}

const dateOfStop = ({ lostAt }: DomainInShort): string => (lostAt ?? '').slice(0, 10);

/** Those whose mail stops, by the day of it. */
function stopping(atRisk: readonly DomainInShort[]): Task[] {
  const dated = atRisk.filter(({ lostAt }) => lostAt !== null);
  const dates = [...new Set(dated.map(dateOfStop))].toSorted();
  return dates.map((date) => {
    const some = dated.filter((domain) => dateOfStop(domain) === date);
    return {
      id: `stops ${date}`,
      severity: 'error',
      text: `${subject(some)} ${verb(some, 'stops', 'stop')} sending on ${day(some[0]?.lostAt ?? date)}: none of the keys is found in DNS.`,
      href: pageOf(some, 'at-risk'),
    };
  });
}

function lost(some: readonly DomainInShort[]): Task[] {
  if (some.length === 0) return [];
  const text = `${subject(some)} ${verb(some, 'is', 'are')} lost: nothing is sent until the records are right again.`;
  return [{ id: 'lost', severity: 'error', text, href: pageOf(some, 'lost') }];
}

function risky(some: readonly DomainInShort[]): Task[] {
  if (some.length === 0) return [];
  const text = `A record of ${subject(some)} broke. Mail is still signed.`;
  return [{ id: 'at-risk', severity: 'warning', text, href: pageOf(some, 'at-risk') }];
}

function complaints(live: readonly DomainInShort[], { complained }: Overview['mail']): Task[] {
  if (complained === 0) return [];
  const some = live.filter(({ mail }) => mail.complained > 0);
  const count = `${number.format(complained)} ${complained === 1 ? 'reader' : 'readers'}`;
  const of = some.length === 0 ? '' : ` of ${subject(some)}`;
  const text = `${count} reported mail${of} as spam in the last 7 days.`;
  return [{ id: 'complaints', severity: 'warning', text, href: `${paths.mail}?status=complained` }];
}

function heldPolicies(some: readonly DomainInShort[]): Task[] {
  if (some.length === 0) return [];
  const text = `The DMARC plan of ${subject(some)} takes no step: mail of your own fails.`;
  return [{ id: 'policies', severity: 'warning', text, href: pageOf(some, 'verified') }];
}

function waiting(some: readonly DomainInShort[]): Task[] {
  if (some.length === 0) return [];
  const [first] = some;
  const text = `${subject(some)} ${verb(some, 'waits', 'wait')} for DNS records.`;
  const href =
    some.length === 1 && first !== undefined ? paths.setUp(first.name) : pageOf(some, 'pending');
  return [{ id: 'pending', severity: 'pending', text, href }];
}
