import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { ApiKey } from '../api/client.ts';
import { useApiKeys, useRevokeApiKey } from '../api/queries.ts';
import { ModalFooter } from '../ui/modal-footer.tsx';
import { useNarrow } from '../ui/narrow.ts';
import { useNotify } from '../ui/notify.ts';
import { Problem } from '../ui/problem.tsx';
import { Time } from '../ui/time.tsx';
import { NewApiKey } from './new-api-key.tsx';

/** The tenant's API keys. */
export default function ApiKeysPage() {
  const { data, error, isPending, refetch } = useApiKeys();
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey>();
  return (
    <SpaceBetween size="l">
      {error !== null && (
        <Problem
          header="The API keys cannot be shown"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      <Table
        variant="full-page"
        header={
          <Header
            variant="h1"
            description="What programs of yours call the API with."
            actions={
              <Button variant="primary" onClick={() => setMaking(true)}>
                Make an API key
              </Button>
            }
          >
            API keys
          </Header>
        }
        items={data?.keys ?? []}
        trackBy="id"
        loading={isPending}
        loadingText="Loading the keys"
        wrapLines
        columnDefinitions={useColumns(setRevoking)}
        empty="There are no keys."
      />
      {making && <NewApiKey onClose={() => setMaking(false)} />}
      {revoking !== undefined && (
        <RevokeApiKey apiKey={revoking} onClose={() => setRevoking(undefined)} />
      )}
    </SpaceBetween>
  );
}

function useColumns(onRevoke: (key: ApiKey) => void) {
  const narrow = useNarrow();
  const name = {
    id: 'name',
    header: 'Name',
    isRowHeader: true,
    cell: (key: ApiKey) => (
      <SpaceBetween size="xxxs">
        <span className="dns-text">{key.name ?? 'Made by the operator'}</span>
        <Box variant="small">{key.prefix}…</Box>
      </SpaceBetween>
    ),
  };
  const state = {
    id: 'state',
    header: 'State',
    cell: (key: ApiKey) =>
      key.revokedAt === null ? (
        <Button
          variant="inline-link"
          ariaLabel={`Revoke ${nameOf(key)}`}
          onClick={() => onRevoke(key)}
        >
          Revoke
        </Button>
      ) : (
        <StatusIndicator type="stopped">
          Revoked <Time at={key.revokedAt} date />
        </StatusIndicator>
      ),
  };
  if (narrow) return [name, state];
  return [
    name,
    { id: 'scopes', header: 'May', cell: ({ scopes }: ApiKey) => scopes.join(', ') },
    { id: 'created', header: 'Made', cell: ({ createdAt }: ApiKey) => <Time at={createdAt} /> },
    state,
  ];
}

const nameOf = ({ name, prefix }: ApiKey): string => name ?? `${prefix}…`;

function RevokeApiKey({
  apiKey,
  onClose,
}: {
  readonly apiKey: ApiKey;
  readonly onClose: () => void;
}) {
  const revoke = useRevokeApiKey();
  const notify = useNotify();
  return (
    <Modal
      visible
      onDismiss={onClose}
      header={`Revoke ${nameOf(apiKey)}?`}
      footer={
        <ModalFooter onCancel={onClose}>
          <Button
            variant="primary"
            loading={revoke.isPending}
            onClick={() =>
              revoke.mutate(apiKey.id, {
                onSuccess: () => {
                  notify({ type: 'success', content: `${nameOf(apiKey)} is revoked.` });
                  onClose();
                },
              })
            }
          >
            Revoke
          </Button>
        </ModalFooter>
      }
    >
      <SpaceBetween size="m">
        <Box>
          Whatever uses the key {apiKey.prefix}… is refused from the next request on. This cannot be
          undone.
        </Box>
        {revoke.error !== null && <Problem header="It is not revoked" error={revoke.error} />}
      </SpaceBetween>
    </Modal>
  );
}
