import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { Webhook } from '../api/client.ts';
import { useChangeWebhook } from '../api/queries/webhooks.ts';
import { useNotify } from '../ui/notify.ts';
import { Time } from '../ui/time.tsx';

/** Shows if a webhook is on, why not, and switches it on. */
export function WebhookState({ of: webhook }: { readonly of: Webhook }) {
  const { state, failing, off } = webhook;
  return (
    <SpaceBetween size="xxxs">
      {state === 'on' && <StatusIndicator type="success">On</StatusIndicator>}
      {state === 'slowed' && (
        <StatusIndicator type="warning">Slowed, since it fails</StatusIndicator>
      )}
      {off !== null && (
        <StatusIndicator type="stopped">
          {off.by === 'service' ? 'Switched off, since it failed' : 'Switched off'}{' '}
          <Time at={off.at} />
        </StatusIndicator>
      )}
      {failing !== null && (
        <span className="dns-text">
          <Box variant="small">
            Last answer: {failing.reason}; {failing.attempts} attempts failed since{' '}
            <Time at={failing.since} />
          </Box>
        </span>
      )}
      {off !== null && <SwitchOn webhook={webhook} />}
    </SpaceBetween>
  );
}

function SwitchOn({ webhook: { id, url } }: { readonly webhook: Webhook }) {
  const change = useChangeWebhook();
  const notify = useNotify();
  const on = { type: 'success', content: `${url} is switched on.` } as const;
  return (
    <Button
      variant="inline-link"
      ariaLabel={`Switch on ${url}`}
      loading={change.isPending}
      onClick={() =>
        change.mutate(
          { id, active: true },
          {
            onSuccess: () => notify(on),
            onError: ({ message }) => notify({ type: 'error', content: message }),
          },
        )
      }
    >
      Switch on
    </Button>
  );
}
