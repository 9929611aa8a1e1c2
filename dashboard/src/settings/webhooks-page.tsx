import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Webhook } from '../api/client.ts';
import { useDeleteWebhook, useWebhooks } from '../api/queries.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/problem.tsx';
import { ListTable } from '../ui/list-table.tsx';
import { Deliveries } from './deliveries.tsx';
import { NewWebhook } from './new-webhook.tsx';

/** Lists the endpoints that receive events, and the result of each delivery. */
export default function WebhooksPage() {
  const query = useWebhooks();
  const [making, setMaking] = useState(false);
  const [deleting, setDeleting] = useState<Webhook>();
  const [chosen, setChosen] = useState<Webhook>();
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
      description="Addresses of yours that are told what happens to domains and mail."
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
      <span className="dns-text">{webhook.url} is told nothing from then on.</span>
      {remove.error !== null && <Problem header="It is not deleted" error={remove.error} />}
    </Dialog>
  );
}
