import Box from '@cloudscape-design/components/box';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { DomainInShort } from '../api/client.ts';
import { Rate } from '../home/mail-figures.tsx';
import { paths } from '../paths.ts';
import { useFollow } from '../ui/follow.ts';
import { useNarrow, useWide } from '../ui/narrow.ts';
import { Time } from '../ui/time.tsx';
import { number } from './figures.ts';
import { DomainStatus, stageOf } from './status.tsx';

/** The columns of the list of domains; on a phone the name has the rest below it. */
export function useDomainColumns() {
  const follow = useFollow();
  const narrow = useNarrow();
  const wide = useWide();
  const name = {
    id: 'name',
    header: 'Domain',
    isRowHeader: true,
    cell: (domain: DomainInShort) => (
      <SpaceBetween size="xxxs">
        <Link href={pageOf(domain)} onFollow={follow}>
          <span className="dns-text">{domain.name}</span>
        </Link>
        {narrow && <Standing domain={domain} />}
      </SpaceBetween>
    ),
  };
  if (narrow) return [name];
  const some = [
    name,
    {
      id: 'status',
      header: 'Status',
      minWidth: 190,
      cell: (domain: DomainInShort) => <Standing domain={domain} />,
    },
    {
      id: 'mail',
      header: 'Mail, 7 days',
      cell: ({ mail }: DomainInShort) => (mail.outcomes === 0 ? '–' : number.format(mail.outcomes)),
    },
    {
      id: 'bounced',
      header: 'Bounced',
      minWidth: 120,
      cell: ({ mail }: DomainInShort) => <Rate of={mail} which="bounced" warning={0.05} />,
    },
    {
      id: 'complained',
      header: 'Spam reports',
      minWidth: 120,
      cell: ({ mail }: DomainInShort) => <Rate of={mail} which="complained" warning={0.001} />,
    },
  ];
  if (!wide) return some;
  return [
    ...some,
    {
      id: 'dmarc',
      header: 'DMARC',
      cell: ({ dmarc, status }: DomainInShort) => (status === 'pending' ? '–' : stageOf(dmarc)),
    },
    {
      id: 'rotation',
      header: 'Next rotation',
      minWidth: 120,
      cell: ({ rotatesAt }: DomainInShort) =>
        rotatesAt === null ? '–' : <Time at={rotatesAt} date />,
    },
  ];
}

/** The status, with what follows from it. */
function Standing({ domain }: { readonly domain: DomainInShort }) {
  const { lostAt, statusSince, status, purpose, lifecycle } = domain;
  const isBroken = lifecycle === 'live' && (status === 'at-risk' || status === 'lost');
  return (
    <SpaceBetween size="xxxs">
      <DomainStatus domain={domain} />
      {purpose === 'parked' && <Box variant="small">Parked: sends nothing</Box>}
      {isBroken && (
        <Box variant="small">
          {status === 'lost' ? 'Since' : 'Broke on'} <Time at={statusSince} date />
          {lostAt !== null && (
            <>
              ; mail stops on <Time at={lostAt} date />
            </>
          )}
        </Box>
      )}
    </SpaceBetween>
  );
}

/** A domain that waits for its records is where they are. */
const pageOf = ({ name, status, lifecycle }: DomainInShort): string =>
  status === 'pending' && lifecycle === 'live' ? paths.setUp(name) : paths.domain(name);
