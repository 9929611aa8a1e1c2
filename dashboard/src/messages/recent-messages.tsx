import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useSearchParams } from 'wouter';
import type { MessageSummary } from '../api/client.ts';
import { useMessages } from '../api/lists.ts';
import { ListTable } from '../ui/list-table.tsx';
import { useNarrow } from '../ui/narrow.ts';
import { Older, Refresh } from '../ui/older.tsx';
import { Time } from '../ui/time.tsx';
import { MessageStatus, Standing } from './message-status.tsx';

const TAB = 'messages';

/** Shows the mails sent from a domain, or the one of them that the address names. */
export default function RecentMessages({ domain }: { readonly domain: string }) {
  const [search, setSearch] = useSearchParams();
  const chosen = search.get('message');
  if (chosen === null) return <MessageList domain={domain} />;
  return (
    <SpaceBetween size="l">
      <Button iconName="arrow-left" onClick={() => setSearch({ tab: TAB })}>
        All messages
      </Button>
      <MessageStatus id={chosen} />
    </SpaceBetween>
  );
}

function MessageList({ domain }: { readonly domain: string }) {
  const list = useMessages(domain);
  return (
    <ListTable
      query={list}
      items={list.data?.pages.flatMap(({ messages }) => messages)}
      columns={useColumns()}
      title="Recent messages"
      level="h2"
      description="The mails that were sent from this domain in the last 90 days."
      actions={<Refresh list={list} of="the messages" />}
      cannotShow="The messages cannot be shown"
      loading="Loading the messages"
      empty="No mail was sent from this domain."
    >
      <Older list={list} />
    </ListTable>
  );
}

function useColumns() {
  const narrow = useNarrow();
  const to = {
    id: 'to',
    header: 'To',
    isRowHeader: true,
    cell: (message: MessageSummary) => (
      <SpaceBetween size="xxxs">
        <To of={message} />
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
  const [, setSearch] = useSearchParams();
  const place = { tab: TAB, message: id };
  const others = countOf(recipients) - 1;
  return (
    <>
      <Link
        href={`?${new URLSearchParams(place)}`}
        onFollow={(event) => {
          event.preventDefault();
          setSearch(place);
        }}
      >
        <span className="dns-text">{to}</span>
      </Link>
      {others > 0 && <Box variant="small">and {others} more</Box>}
    </>
  );
}

function Status({ of: { status, recipients, reasons } }: { readonly of: MessageSummary }) {
  return (
    <SpaceBetween size="xxxs">
      <Standing status={status} />
      {countOf(recipients) > 1 && (
        <Box variant="small">
          {recipients.map(({ state, count }) => `${count} ${state}`).join(', ')}
        </Box>
      )}
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
