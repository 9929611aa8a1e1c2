import { useMessages } from '../api/lists.ts';
import { ListTable } from '../ui/list-table.tsx';
import { Older, Refresh } from '../ui/older.tsx';
import { ChannelCounts } from './channel-counts.tsx';
import { ChosenMessage } from './chosen-message.tsx';
import { useMessageColumns } from './message-columns.tsx';

/** Shows the mails sent from a domain, or the one of them that the address names. */
export default function RecentMessages({ domain }: { readonly domain: string }) {
  return (
    <ChosenMessage>
      <MessageList domain={domain} />
    </ChosenMessage>
  );
}

function MessageList({ domain }: { readonly domain: string }) {
  const list = useMessages({ domain });
  return (
    <ListTable
      query={list}
      items={list.data?.pages.flatMap(({ messages }) => messages)}
      columns={useMessageColumns()}
      title="Recent messages"
      level="h2"
      description={
        <>
          The mails that were sent from this domain in the last 90 days.
          <ChannelCounts domain={domain} />
        </>
      }
      actions={<Refresh list={list} of="the messages" />}
      cannotShow="The messages cannot be shown"
      loading="Loading the messages"
      empty="No mail was sent from this domain."
    >
      <Older list={list} />
    </ListTable>
  );
}
