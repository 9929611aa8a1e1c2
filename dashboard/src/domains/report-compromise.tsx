import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import { useState } from 'react';
import type { Domain } from '../api/client.ts';
import { useRotate } from '../api/queries/domain-keys.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useNotify } from '../ui/notify.ts';
import { Problem } from '../ui/problem.tsx';

/** Revokes the key that signs, after it was said that this is for good. */
export function ReportCompromise({
  domain,
  onClose,
}: {
  readonly domain: Domain;
  readonly onClose: () => void;
}) {
  const [understood, setUnderstood] = useState(false);
  const rotate = useRotate(domain.name);
  const notify = useNotify();
  const { current } = domain.dkim;
  const revoke = (): void =>
    rotate.mutate('compromise', {
      onSuccess: ({ dkim }) => {
        notify({
          type: 'success',
          content:
            dkim.current === null
              ? 'The key is revoked. Mail waits until another key is in DNS; nothing is lost.'
              : `The key is revoked. ${dkim.current} signs from now on.`,
        });
        onClose();
      },
    });
  return (
    <Dialog
      header="Revoke the key that signs?"
      confirm="Revoke the key"
      disabled={!understood}
      loading={rotate.isPending}
      onConfirm={revoke}
      onClose={onClose}
    >
      <Alert type="warning">
        The key under {current ?? 'the current selector'} is revoked at once and for good. Mail that
        it signed and that is still under way fails its check. Another key that is in DNS takes its
        place; where there is none, mail waits for one.
      </Alert>
      <Box>
        Do this only where somebody else may have the private key. To move on without loss, use
        “Rotate now”.
      </Box>
      <Checkbox checked={understood} onChange={({ detail }) => setUnderstood(detail.checked)}>
        I want to revoke it for good
      </Checkbox>
      {rotate.error !== null && <Problem header="It is not revoked" error={rotate.error} />}
    </Dialog>
  );
}
