import type { DomainInShort } from '../api/client.ts';
import { csv } from '../ui/csv.ts';

const columns: Readonly<Record<string, (domain: DomainInShort) => string | number | null>> = {
  name: ({ name }) => name,
  status: ({ status, lifecycle }) => (lifecycle === 'deleting' ? lifecycle : status),
  since: ({ statusSince }) => statusSince,
  mail_stops_at: ({ lostAt }) => lostAt,
  recipients_7_days: ({ mail }) => mail.outcomes,
  bounced_7_days: ({ mail }) => mail.bounced,
  complained_7_days: ({ mail }) => mail.complained,
  dmarc: ({ dmarc }) => dmarc,
  rotates_at: ({ rotatesAt }) => rotatesAt,
};

/** Domains as a file of comma-separated values, with a line of column names. */
export const csvOf = (domains: readonly DomainInShort[]): string =>
  csv([
    Object.keys(columns),
    ...domains.map((domain) => Object.values(columns).map((of) => of(domain) ?? '')),
  ]);
