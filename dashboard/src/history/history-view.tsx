import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { DomainEvent } from '../api/client.ts';
import { eventKinds } from '../api/event-kinds.ts';
import { useEvents } from '../api/lists.ts';
import { ListTable } from '../ui/list-table.tsx';
import { useNarrow } from '../ui/narrow.ts';
import { Older, Refresh } from '../ui/older.tsx';
import { Time } from '../ui/time.tsx';

/** Shows the events of a domain and their reasons, newest first. */
export default function HistoryView({ name }: { readonly name: string }) {
  const list = useEvents(name);
  return (
    <ListTable
      query={list}
      items={list.data?.pages.flatMap(({ events }) => events)}
      columns={useColumns()}
      title="History"
      level="h2"
      description="What happened to the domain in the last 400 days."
      actions={<Refresh list={list} of="the history" />}
      cannotShow="The history cannot be shown"
      loading="Loading the history"
      empty="Nothing has happened yet."
    >
      <Older list={list} />
    </ListTable>
  );
}

function useColumns() {
  const narrow = useNarrow();
  const event = {
    id: 'event',
    header: 'What happened',
    isRowHeader: true,
    cell: ({ type, summary, at }: DomainEvent) => (
      <SpaceBetween size="xxxs">
        <StatusIndicator type={eventKinds[type].tone}>{eventKinds[type].label}</StatusIndicator>
        <span className="dns-text">{summary}</span>
        {narrow && (
          <Box variant="small">
            <Time at={at} />
          </Box>
        )}
      </SpaceBetween>
    ),
  };
  if (narrow) return [event];
  return [
    event,
    { id: 'at', header: 'When', width: 220, cell: ({ at }: DomainEvent) => <Time at={at} /> },
  ];
}
