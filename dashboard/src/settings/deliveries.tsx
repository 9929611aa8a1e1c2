import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';
import type { Delivery, Webhook } from '../api/client.ts';
import { useDeliveries, useReplay } from '../api/queries/webhooks.ts';
import { ListTable } from '../ui/list-table.tsx';
import { useNotify } from '../ui/notify.ts';
import { Time } from '../ui/time.tsx';

const indicators: Record<Delivery['state'], readonly [StatusIndicatorProps.Type, string]> = {
  pending: ['pending', 'Waits'],
  delivered: ['success', 'Delivered'],
  failed: ['error', 'Failed'],
  missed: ['stopped', 'Not sent'],
};

/** Shows the recent deliveries to a webhook, and its answers. */
export function Deliveries({ webhook }: { readonly webhook: Webhook }) {
  const query = useDeliveries(webhook.id);
  const replay = useSendAgain(webhook);
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
        {
          id: 'again',
          header: 'Actions',
          cell: ({ id, at, type, state }) =>
            state !== 'pending' && (
              <Button
                variant="inline-link"
                ariaLabel={`Send again: ${type}`}
                onClick={() => replay({ delivery: { id, at } })}
              >
                Send again
              </Button>
            ),
        },
      ]}
      title="Deliveries"
      level="h2"
      description={<span className="dns-text">{webhook.url}</span>}
      actions={
        <Button onClick={() => replay({ from: daysAgo(KEPT_DAYS), states: ['failed', 'missed'] })}>
          Send again what failed
        </Button>
      }
      cannotShow="The deliveries cannot be shown"
      loading="Loading the deliveries"
      empty="Nothing has happened that it receives."
      size="m"
    />
  );
}

/** Deliveries are kept for so long. */
const KEPT_DAYS = 30;
const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();

/** Has deliveries sent again, and says how many. */
function useSendAgain(webhook: Webhook) {
  const { mutate } = useReplay(webhook.id);
  const notify = useNotify();
  return (what: Parameters<typeof mutate>[0]) =>
    mutate(what, {
      onSuccess: ({ replayed, cursor }) =>
        notify({
          type: 'info',
          content: `${replayed} sent again to ${webhook.url}.${cursor === null ? '' : ' There are more: send again once these are delivered.'}`,
        }),
      onError: ({ message }) => notify({ type: 'error', content: message }),
    });
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
