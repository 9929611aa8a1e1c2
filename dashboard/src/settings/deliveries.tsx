import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';
import type { Delivery, Webhook } from '../api/client.ts';
import { useDeliveries } from '../api/queries.ts';
import { ListTable } from '../ui/list-table.tsx';
import { Time } from '../ui/time.tsx';

const indicators: Record<Delivery['state'], readonly [StatusIndicatorProps.Type, string]> = {
  pending: ['pending', 'Waits'],
  delivered: ['success', 'Delivered'],
  failed: ['error', 'Failed'],
};

/** Shows the recent deliveries to a webhook, and its answers. */
export function Deliveries({ webhook }: { readonly webhook: Webhook }) {
  const query = useDeliveries(webhook.id);
  return (
    <ListTable
      query={query}
      items={query.data?.deliveries}
      columns={[
        {
          id: 'type',
          header: 'Event',
          isRowHeader: true,
          cell: ({ type, at }) => (
            <SpaceBetween size="xxxs">
              <span className="dns-text">{type}</span>
              <Box variant="small">
                <Time at={at} />
              </Box>
            </SpaceBetween>
          ),
        },
        { id: 'state', header: 'State', cell: (delivery) => <State of={delivery} /> },
      ]}
      title="Deliveries"
      level="h2"
      description={<span className="dns-text">{webhook.url}</span>}
      cannotShow="The deliveries cannot be shown"
      loading="Loading the deliveries"
      empty="Nothing has happened that it would be told."
      size="m"
    />
  );
}

function State({ of: { state, attempts, nextAt } }: { readonly of: Delivery }) {
  const [type, text] = indicators[state];
  const last = attempts.at(-1);
  return (
    <SpaceBetween size="xxxs">
      <StatusIndicator type={type}>{text}</StatusIndicator>
      {last !== undefined && (
        <span className="dns-text">
          <Box variant="small">
            {last.error ?? `Answered ${last.status}`}, <Time at={last.at} />
          </Box>
        </span>
      )}
      {nextAt !== null && (
        <Box variant="small">
          Tried again <Time at={nextAt} />
        </Box>
      )}
    </SpaceBetween>
  );
}
