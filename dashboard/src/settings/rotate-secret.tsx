import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import { useState } from 'react';
import { idempotencyKey, type Webhook } from '../api/client.ts';
import { useRotateSecret } from '../api/queries/webhooks.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/problem.tsx';
import { ShownOnce } from './shown-once.tsx';

/** Hours in which both secrets sign. */
const OVERLAP_HOURS = 24;

/** Gives a webhook a new secret and shows it, once. */
export function RotateSecret({
  webhook: { id, url },
  onClose,
}: {
  readonly webhook: Webhook;
  readonly onClose: () => void;
}) {
  const [known, setKnown] = useState(false);
  const [key] = useState(idempotencyKey);
  const rotate = useRotateSecret();
  if (rotate.data !== undefined)
    return (
      <ShownOnce
        header="The new secret of the webhook"
        warning="By it you verify the signatures of what you receive. Copy it now: it is not shown again."
        copyLabel="Copy the secret"
        secret={rotate.data.secret}
        onClose={onClose}
      />
    );
  const overlapHours = known ? 0 : OVERLAP_HOURS;
  return (
    <Dialog
      header="Make a new secret?"
      confirm="Make it"
      loading={rotate.isPending}
      onConfirm={() => rotate.mutate({ id, overlapHours, key: `${key}-${overlapHours}` })}
      onClose={onClose}
    >
      <span className="dns-text">
        For {OVERLAP_HOURS} hours what {url} receives has a signature by each secret, so that you
        can change over without a gap.
      </span>
      <Checkbox checked={known} onChange={({ detail }) => setKnown(detail.checked)}>
        Strangers know the old secret: end it at once
      </Checkbox>
      {known && (
        <Box>Until you have put the new one in place, no signature is right for your program.</Box>
      )}
      {rotate.error !== null && <Problem header="There is no new secret" error={rotate.error} />}
    </Dialog>
  );
}
