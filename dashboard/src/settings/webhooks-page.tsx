import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { Webhook } from '../api/client.ts';
import { useDeleteWebhook, useWebhooks } from '../api/queries.ts';
import { ModalFooter } from '../ui/modal-footer.tsx';
import { Problem } from '../ui/problem.tsx';
import { Deliveries } from './deliveries.tsx';
import { NewWebhook } from './new-webhook.tsx';

/** The addresses that are told what happens, and what became of each telling. */
export default function WebhooksPage() {
  const { data, error, isPending, refetch } = useWebhooks();
  const [making, setMaking] = useState(false);
  const [deleting, setDeleting] = useState<Webhook>();
  const [chosen, setChosen] = useState<Webhook>();
  return (
    <SpaceBetween size="l">
      {error !== null && (
        <Problem
          header="The webhooks cannot be shown"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      <Table
        header={
          <Header
            variant="h1"
            description="Addresses of yours that are told what happens to domains and mail."
            actions={
              <Button variant="primary" onClick={() => setMaking(true)}>
                Add a webhook
              </Button>
            }
          >
            Webhooks
          </Header>
        }
        items={data?.webhooks ?? []}
        trackBy="id"
        loading={isPending}
        loadingText="Loading the webhooks"
        wrapLines
        columnDefinitions={[
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
        empty="There are no webhooks."
      />
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
    </SpaceBetween>
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
    <Modal
      visible
      onDismiss={onClose}
      header="Delete the webhook?"
      footer={
        <ModalFooter onCancel={onClose}>
          <Button
            variant="primary"
            loading={remove.isPending}
            onClick={() => remove.mutate(webhook.id, { onSuccess: onClose })}
          >
            Delete
          </Button>
        </ModalFooter>
      }
    >
      <SpaceBetween size="m">
        <span className="dns-text">{webhook.url} is told nothing from then on.</span>
        {remove.error !== null && <Problem header="It is not deleted" error={remove.error} />}
      </SpaceBetween>
    </Modal>
  );
}
