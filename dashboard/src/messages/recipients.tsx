import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import type { Message } from '../api/client.ts';

type Recipient = Message['recipients'][number];
type Indicator = readonly [type: StatusIndicatorProps.Type, text: string];

const states: Record<Recipient['state'], Indicator> = {
  accepted: ['in-progress', 'Waits'],
  sent: ['in-progress', 'Sent'],
  delayed: ['warning', 'Delayed by the receiver; tried again'],
  'soft-bounced': ['warning', 'Bounced for a passing reason'],
  delivered: ['success', 'Delivered'],
  bounced: ['error', 'Bounced for good'],
  complained: ['error', 'Reported as spam'],
  rejected: ['error', 'Rejected: malware was found'],
  suppressed: ['stopped', 'Not sent: on your suppression list'],
  unclear: ['warning', 'Unclear whether it was sent'],
  refused: ['error', 'Refused'],
};

const order = Object.keys(states);

/** Each recipient of a mail with their state and the words of the receiver, failures first. */
export function Recipients({ recipients }: { readonly recipients: readonly Recipient[] }) {
  const items = recipients.toSorted((a, b) => rank(a) - rank(b));
  return (
    <Table
      variant="embedded"
      wrapLines
      items={items}
      trackBy="address"
      ariaLabels={{ tableLabel: 'Recipients' }}
      columnDefinitions={[
        {
          id: 'recipient',
          header: 'Recipient',
          isRowHeader: true,
          cell: ({ address }: Recipient) => <span className="dns-text">{address}</span>,
        },
        {
          id: 'state',
          header: 'State',
          cell: ({ state, detail }: Recipient) => (
            <SpaceBetween size="xxxs">
              <StatusIndicator type={states[state][0]}>{states[state][1]}</StatusIndicator>
              {detail !== undefined && (
                <span className="dns-text">
                  <Box variant="small">{detail}</Box>
                </span>
              )}
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}

const failures: readonly StatusIndicatorProps.Type[] = ['error', 'warning', 'stopped'];

/** Failures come first, then the order of the states. */
function rank({ state }: Recipient): number {
  const severity = failures.indexOf(states[state][0]);
  return (severity < 0 ? failures.length : severity) * order.length + order.indexOf(state);
}
