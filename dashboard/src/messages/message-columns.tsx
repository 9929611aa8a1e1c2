import Box from '@cloudscape-design/components/box';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useSearchParams } from 'wouter';
import type { MessageSummary } from '../api/client.ts';
import { useNarrow } from '../ui/narrow.ts';
import { Time } from '../ui/time.tsx';
import { Standing } from './message-status.tsx';

/**
 * The columns of a list of mails.
 *
 * @param withDomain true if the mails are from several domains
 */
export function useMessageColumns({ withDomain = false } = {}) {
  const narrow = useNarrow();
  const to = {
    id: 'to',
    header: 'To',
    isRowHeader: true,
    cell: (message: MessageSummary) => (
      <SpaceBetween size="xxxs">
        <To of={message} />
        {withDomain && (
          <span className="dns-text">
            <Box variant="small">from {message.domain}</Box>
          </span>
        )}
        {/* On a phone the other columns have no room. */}
        {narrow && <Status of={message} />}
        {narrow && (
          <Box variant="small">
            <Time at={message.createdAt} />
          </Box>
        )}
      </SpaceBetween>
    ),
  };
  if (narrow) return [to];
  return [
    to,
    {
      id: 'status',
      header: 'Status',
      cell: (message: MessageSummary) => <Status of={message} />,
    },
    {
      id: 'at',
      header: 'Submitted',
      cell: ({ createdAt }: MessageSummary) => <Time at={createdAt} />,
    },
  ];
}

function To({ of: { id, to, recipients } }: { readonly of: MessageSummary }) {
  const [search, setSearch] = useSearchParams();
  // The list is as it was when the reader comes back.
  const place = new URLSearchParams(search);
  place.set('message', id);
  const others = countOf(recipients) - 1;
  return (
    <>
      <Link
        href={`?${place.toString()}`}
        onFollow={(event) => {
          event.preventDefault();
          setSearch(place);
        }}
      >
        <span className="dns-text">{to}</span>
      </Link>
      {others > 0 && (
        <Box variant="small" display="block">
          and {others} more
        </Box>
      )}
    </>
  );
}

function Status({
  of: { status, recipients, reasons, repairs, held, expiresAt },
}: {
  readonly of: MessageSummary;
}) {
  return (
    <SpaceBetween size="xxxs">
      <Standing status={status} />
      {countOf(recipients) > 1 && (
        <Box variant="small">
          {recipients.map(({ state, count }) => `${count} ${state}`).join(', ')}
        </Box>
      )}
      {held !== null && expiresAt !== null && (
        <Box variant="small">
          Waits for its DKIM key in DNS; refused if not sent by <Time at={expiresAt} />
        </Box>
      )}
      {repairs.length > 0 && <Box variant="small">Repaired before it was signed</Box>}
      {reasons.length > 0 && (
        <span className="dns-text">
          <Box variant="small">{reasons.join(' ')}</Box>
        </span>
      )}
    </SpaceBetween>
  );
}

const countOf = (recipients: MessageSummary['recipients']): number =>
  recipients.reduce((sum, { count }) => sum + count, 0);
