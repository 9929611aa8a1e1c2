import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import LiveRegion from '@cloudscape-design/components/live-region';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';
import type { Message } from '../api/client.ts';
import { useMessage } from '../api/queries/messages.ts';
import { Problem } from '../ui/problem.tsx';
import { Time } from '../ui/time.tsx';
import { Recipients } from './recipients.tsx';

type Indicator = readonly [type: StatusIndicatorProps.Type, text: string];

const indicators: Record<Message['status'], Indicator> = {
  accepted: ['in-progress', 'Accepted, waits to be signed'],
  signed: ['in-progress', 'Signed, waits to be sent'],
  sent: ['in-progress', 'Signed and sent'],
  delivered: ['success', 'Signed and delivered'],
  complained: ['error', 'Reported as spam'],
  bounced: ['error', 'Bounced'],
  refused: ['error', 'Refused'],
  suppressed: ['warning', 'Not sent: on your suppression list'],
  held: ['pending', 'Held: the account is suspended'],
  unclear: ['warning', 'Unclear whether it was sent'],
};

/** The statuses in a word or two. */
export const statusNames = Object.fromEntries(
  Object.entries(indicators).map(([status, [, text]]) => [status, text]),
) as Record<Message['status'], string>;

export const isMessageStatus = (text: string): text is Message['status'] =>
  Object.hasOwn(indicators, text);

const holds: Record<NonNullable<Message['held']>['code'], string> = {
  'account-suspended':
    'Your account is suspended by the operator of the service. It goes out, or is refused, once that ends.',
  'sending-paused':
    'Sending is paused, since too much of your mail bounced or was reported as spam. It goes out once the operator of the service resumes it.',
  'key-not-published':
    'Its key: the DNS of the domain leads to none of its DKIM keys. It goes out once one is back.',
};

/** Shows the state of a mail so far. */
export function MessageStatus({ id }: { readonly id: string }) {
  const { data: message, error, refetch } = useMessage(id);
  return (
    <Container header={<Header variant="h2">What became of it</Header>}>
      <SpaceBetween size="m">
        {error !== null && (
          <Problem
            header="Its status cannot be shown"
            error={error}
            onRetry={() => void refetch()}
          />
        )}
        <LiveRegion>
          <Standing status={message?.status} />
        </LiveRegion>
        {message !== undefined && <Details message={message} />}
        {message !== undefined && <Recipients recipients={message.recipients} />}
      </SpaceBetween>
    </Container>
  );
}

/** Shows the status of a mail in a word or two; not known yet where there is no status. */
export function Standing({ status }: { readonly status: Message['status'] | undefined }) {
  const [type, text]: Indicator =
    status === undefined ? ['loading', 'Submitted'] : indicators[status];
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}

function Details({ message }: { readonly message: Message }) {
  const { signature, reasons, repairs, held, expiresAt } = message;
  return (
    <KeyValuePairs
      columns={2}
      items={[
        {
          label: 'Signature',
          value:
            signature === null ? (
              '–'
            ) : (
              <span className="dns-text">
                {signature.selector}._domainkey.{signature.domain}, <Time at={signature.at} />
              </span>
            ),
        },
        { label: 'Accepted', value: <Time at={message.createdAt} /> },
        ...(held === null
          ? []
          : [
              {
                label: 'Waits for',
                value: (
                  <Box>
                    {holds[held.code]} Since <Time at={held.since} />.
                  </Box>
                ),
              },
            ]),
        ...(expiresAt === null
          ? []
          : [{ label: 'Refused if not sent by', value: <Time at={expiresAt} /> }]),
        ...(repairs.length === 0
          ? []
          : [
              {
                label: 'Repaired before it was signed',
                value: (
                  <span className="dns-text">{repairs.map(({ detail }) => detail).join(' ')}</span>
                ),
              },
            ]),
        ...(reasons.length === 0
          ? []
          : [{ label: 'Reasons', value: <Box>{reasons.join(' ')}</Box> }]),
      ]}
    />
  );
}
