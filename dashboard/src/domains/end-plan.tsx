import Box from '@cloudscape-design/components/box';
import type { Domain } from '../api/client.ts';
import { useChangeDomain } from '../api/queries/change-domain.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useNotify } from '../ui/notify.ts';
import { Problem } from '../ui/problem.tsx';

/** Asks to confirm the end of a plan. */
export function EndPlan({
  domain: { name },
  onClose,
}: {
  readonly domain: Domain;
  readonly onClose: () => void;
}) {
  const change = useChangeDomain(name);
  const notify = useNotify();
  const end = (): void =>
    change.mutate(
      { dmarc: { plan: null } },
      {
        onSuccess: () => {
          notify({ type: 'success', content: 'The plan has ended; the policy stays as it is.' });
          onClose();
        },
      },
    );
  return (
    <Dialog
      header="End the plan?"
      confirm="End it"
      loading={change.isPending}
      onConfirm={end}
      onClose={onClose}
    >
      <Box>
        The policy stays as it is, and is neither raised nor taken back any more. Which sources are
        yours, and what you agreed to, is forgotten.
      </Box>
      {change.error !== null && <Problem header="It has not ended" error={change.error} />}
    </Dialog>
  );
}
