import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { ApiKey } from '../api/client.ts';
import { useApiKeys, useRevokeApiKey } from '../api/queries/api-keys.ts';
import { useTitle } from '../frame/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ListTable } from '../ui/list-table.tsx';
import { useNarrow } from '../ui/narrow.ts';
import { useNotify } from '../ui/notify.ts';
import { Problem } from '../ui/problem.tsx';
import { Time } from '../ui/time.tsx';
import { NewApiKey } from './new-api-key.tsx';

/** The tenant's API keys. */
export default function ApiKeysPage() {
  useTitle('API keys');
  const query = useApiKeys();
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey>();
  return (
    <ListTable
      query={query}
      items={query.data?.keys}
      columns={useColumns(setRevoking)}
      title="API keys"
      description="What programs of yours call the API with."
      actions={
        <Button variant="primary" onClick={() => setMaking(true)}>
          Make an API key
        </Button>
      }
      variant="full-page"
      cannotShow="The API keys cannot be shown"
      loading="Loading the keys"
      empty="There are no keys."
    >
      {making && <NewApiKey onClose={() => setMaking(false)} />}
      {revoking !== undefined && (
        <RevokeApiKey apiKey={revoking} onClose={() => setRevoking(undefined)} />
      )}
    </ListTable>
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
    <Dialog
      header={`Revoke ${nameOf(apiKey)}?`}
      confirm="Revoke"
      loading={revoke.isPending}
      onConfirm={() =>
        revoke.mutate(apiKey.id, {
          onSuccess: () => {
            notify({ type: 'success', content: `${nameOf(apiKey)} is revoked.` });
            onClose();
          },
        })
      }
      onClose={onClose}
    >
      <Box>
        Whatever uses the key {apiKey.prefix}… is refused from the next request on. This cannot be
        undone.
      </Box>
      {revoke.error !== null && <Problem header="It is not revoked" error={revoke.error} />}
    </Dialog>
  );
}
