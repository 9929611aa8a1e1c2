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
import { useMessage } from '../api/queries.ts';
import { Problem } from '../ui/problem.tsx';
import { Time } from '../ui/time.tsx';

type Indicator = readonly [type: StatusIndicatorProps.Type, text: string];

const indicators: Record<Message['status'], Indicator> = {
  accepted: ['in-progress', 'Accepted, waits to be signed'],
  signed: ['in-progress', 'Signed, waits to be sent'],
  sent: ['in-progress', 'Signed and sent'],
  delivered: ['success', 'Signed and delivered'],
  bounced: ['error', 'Bounced'],
  refused: ['error', 'Refused'],
  unclear: ['warning', 'Unclear whether it was sent'],
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
  const { signature, reasons, recipients } = message;
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
        ...recipients.map(({ address, state, detail }) => ({
          label: address,
          value: detail === undefined ? state : `${state}: ${detail}`,
        })),
        ...(reasons.length === 0
          ? []
          : [{ label: 'Reasons', value: <Box>{reasons.join(' ')}</Box> }]),
      ]}
    />
  );
}
