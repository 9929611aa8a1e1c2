import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Webhook } from '../api/client.ts';
import { useDeleteWebhook, useTestWebhook, useWebhooks } from '../api/queries/webhooks.ts';
import { useTitle } from '../frame/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { useNotify } from '../ui/notify.ts';
import { Problem } from '../ui/problem.tsx';
import { ListTable } from '../ui/list-table.tsx';
import { Deliveries } from './deliveries.tsx';
import { NewWebhook } from './new-webhook.tsx';
import { RotateSecret } from './rotate-secret.tsx';
import { WebhookState } from './webhook-state.tsx';

/** Lists the endpoints that receive events, and the result of each delivery. */
export default function WebhooksPage() {
  useTitle('Webhooks');
  const query = useWebhooks();
  const [making, setMaking] = useState(false);
  const [deleting, setDeleting] = useState<Webhook>();
  const [chosen, setChosen] = useState<Webhook>();
  const [rotating, setRotating] = useState<Webhook>();
  const sendTest = useSendTest(setChosen);
  return (
    <ListTable
      query={query}
      items={query.data?.webhooks}
      columns={[
        {
          id: 'url',
          header: 'Address',
          isRowHeader: true,
          cell: (hook) => (
            <SpaceBetween size="xxxs">
              <span className="dns-text">{hook.url}</span>
              <Box variant="small">{hook.events.join(', ')}</Box>
            </SpaceBetween>
          ),
        },
        { id: 'state', header: 'State', cell: (hook) => <WebhookState of={hook} /> },
        {
          id: 'actions',
          header: 'Actions',
          cell: (hook) => (
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                variant="inline-link"
                ariaLabel={`Deliveries to ${hook.url}`}
                onClick={() => setChosen(hook)}
              >
                Deliveries
              </Button>
              <Button
                variant="inline-link"
                ariaLabel={`Test ${hook.url}`}
                onClick={() => sendTest(hook)}
              >
                Test
              </Button>
              <Button
                variant="inline-link"
                ariaLabel={`New secret for ${hook.url}`}
                onClick={() => setRotating(hook)}
              >
                New secret
              </Button>
              <Button
                variant="inline-link"
                ariaLabel={`Delete ${hook.url}`}
                onClick={() => setDeleting(hook)}
              >
                Delete
              </Button>
            </SpaceBetween>
          ),
        },
      ]}
      title="Webhooks"
      description="Addresses of yours that receive the events of domains and mail."
      actions={
        <Button variant="primary" onClick={() => setMaking(true)}>
          Add a webhook
        </Button>
      }
      cannotShow="The webhooks cannot be shown"
      loading="Loading the webhooks"
      empty="There are no webhooks."
    >
      {chosen !== undefined && <Deliveries webhook={chosen} key={chosen.id} />}
      {rotating !== undefined && (
        <RotateSecret webhook={rotating} onClose={() => setRotating(undefined)} />
      )}
      {making && <NewWebhook onClose={() => setMaking(false)} />}
      {deleting !== undefined && (
        <DeleteWebhook
          webhook={deleting}
          onClose={() => {
            setDeleting(undefined);
            setChosen(undefined);
          }}
        />
      )}
    </ListTable>
  );
}

/** Sends a test, and shows the deliveries of the webhook. */
function useSendTest(onSent: (webhook: Webhook) => void) {
  const test = useTestWebhook();
  const notify = useNotify();
  return (webhook: Webhook) =>
    test.mutate(webhook.id, {
      onSuccess: () => {
        notify({ type: 'info', content: `A test is on its way to ${webhook.url}.` });
        onSent(webhook);
      },
      onError: ({ message }) => notify({ type: 'error', content: message }),
    });
}

function DeleteWebhook({
  webhook,
  onClose,
}: {
  readonly webhook: Webhook;
  readonly onClose: () => void;
}) {
  const remove = useDeleteWebhook();
  return (
    <Dialog
      header="Delete the webhook?"
      confirm="Delete"
      loading={remove.isPending}
      onConfirm={() => remove.mutate(webhook.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      <span className="dns-text">{webhook.url} receives nothing from then on.</span>
      {remove.error !== null && <Problem header="It is not deleted" error={remove.error} />}
    </Dialog>
  );
}
