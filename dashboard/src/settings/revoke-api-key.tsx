import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import { useState } from 'react';
import type { ApiKey } from '../api/client.ts';
import { useRevokeApiKey } from '../api/queries/api-keys.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useNotify } from '../ui/notify.ts';
import { Problem } from '../ui/problem.tsx';

/** The name of a key, or its first characters. */
export const nameOf = ({ name, prefix }: ApiKey): string => name ?? `${prefix}…`;

/** The live keys that a key made, itself or by others. */
function madeBy(maker: ApiKey, keys: readonly ApiKey[]): ApiKey[] {
  const found: ApiKey[] = [];
  const makers = [maker.id];
  for (const id of makers) {
    const made = keys.filter((key) => key.madeBy?.kind === 'key' && key.madeBy.id === id);
    makers.push(...made.map((key) => key.id));
    found.push(...made);
  }
  return found.filter(({ revokedAt }) => revokedAt === null);
}

/** Revokes a key, and if wanted those that it made. */
export function RevokeApiKey({
  apiKey,
  keys,
  onClose,
}: {
  readonly apiKey: ApiKey;
  /** All of the account. */
  readonly keys: readonly ApiKey[];
  readonly onClose: () => void;
}) {
  const revoke = useRevokeApiKey();
  const notify = useNotify();
  const made = madeBy(apiKey, keys);
  const [alsoMade, setAlsoMade] = useState(false);
  return (
    <Dialog
      header={`Revoke ${nameOf(apiKey)}?`}
      confirm="Revoke"
      loading={revoke.isPending}
      onConfirm={() =>
        revoke.mutate(
          { id: apiKey.id, made: alsoMade },
          {
            onSuccess: () => {
              notify({ type: 'success', content: `${nameOf(apiKey)} is revoked.` });
              onClose();
            },
          },
        )
      }
      onClose={onClose}
    >
      {apiKey.self && (
        <Alert type="warning">
          You are signed in with this key: you are signed out as soon as it is revoked.
        </Alert>
      )}
      <Box>
        Whatever uses the key {apiKey.prefix}… is refused from the next request on. This cannot be
        undone.
      </Box>
      {made.length > 0 && (
        <Checkbox
          checked={alsoMade}
          onChange={({ detail }) => setAlsoMade(detail.checked)}
          description={made.map(nameOf).join(', ')}
        >
          Revoke the keys that it made too ({made.length})
        </Checkbox>
      )}
      {revoke.error !== null && <Problem header="It is not revoked" error={revoke.error} />}
    </Dialog>
  );
}
