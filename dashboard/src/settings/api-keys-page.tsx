import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { ApiKey } from '../api/client.ts';
import { useApiKeys } from '../api/queries/api-keys.ts';
import { useTitle } from '../frame/announce.tsx';
import { ListTable } from '../ui/list-table.tsx';
import { useNarrow } from '../ui/narrow.ts';
import { Time } from '../ui/time.tsx';
import { NewApiKey } from './new-api-key.tsx';
import { nameOf, RevokeApiKey } from './revoke-api-key.tsx';

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
        <RevokeApiKey
          apiKey={revoking}
          keys={query.data?.keys ?? []}
          onClose={() => setRevoking(undefined)}
        />
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
        <Box variant="small">
          {key.prefix}…{key.self && ' (you are signed in with it)'}
        </Box>
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
    { id: 'scopes', header: 'May', cell: (key: ApiKey) => <Rights of={key} /> },
    { id: 'created', header: 'Made', cell: ({ createdAt }: ApiKey) => <Time at={createdAt} /> },
    { id: 'used', header: 'Last used', cell: (key: ApiKey) => <LastUse of={key} /> },
    state,
  ];
}

function Rights({ of: { scopes, domains, addresses, expiresAt } }: { readonly of: ApiKey }) {
  return (
    <SpaceBetween size="xxxs">
      <span>{scopes.join(', ')}</span>
      {domains !== null && <Box variant="small">For {domains.join(', ')}</Box>}
      {addresses !== null && <Box variant="small">From {addresses.join(', ')}</Box>}
      {expiresAt !== null && (
        <Box variant="small">
          Until <Time at={expiresAt} date />
        </Box>
      )}
    </SpaceBetween>
  );
}

function LastUse({ of: { lastUsed } }: { readonly of: ApiKey }) {
  if (lastUsed === null) return 'Never';
  return (
    <SpaceBetween size="xxxs">
      <Time at={lastUsed.at} />
      <Box variant="small">{lastUsed.address}</Box>
    </SpaceBetween>
  );
}
