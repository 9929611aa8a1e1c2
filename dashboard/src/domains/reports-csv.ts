import type { Reports } from '../api/client.ts';
import { csv } from '../ui/csv.ts';
import { isOwn } from './own-mail.ts';

/** The reported mail by source, as a file. */
export const sourcesCsv = ({ from, to, sources }: Reports): string =>
  csv([
    ['from', 'to', 'source', 'service', 'yours', 'mails', 'passed', 'dkim', 'spf', 'addresses'],
    ...sources.map((source) => [
      from,
      to,
      source.id,
      source.service?.name ?? source.kind,
      isOwn(source) ? 'yes' : 'no',
      source.messages,
      source.passed,
      source.dkim,
      source.spf,
      source.addresses.join(' '),
    ]),
  ]);
