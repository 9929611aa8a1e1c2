import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Domain } from '../api/client.ts';
import { useChangeDomain } from '../api/queries.ts';
import { ModalFooter } from '../ui/modal-footer.tsx';
import { useNotify } from '../ui/notify.ts';
import { Problem } from '../ui/problem.tsx';

/** Asks whether a plan is to end. */
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
    <Modal
      visible
      onDismiss={onClose}
      header="End the plan?"
      footer={
        <ModalFooter onCancel={onClose}>
          <Button variant="primary" loading={change.isPending} onClick={end}>
            End it
          </Button>
        </ModalFooter>
      }
    >
      <SpaceBetween size="m">
        <Box>
          The policy stays as it is, and is neither raised nor taken back any more. Which sources
          are yours, and what you agreed to, is forgotten.
        </Box>
        {change.error !== null && <Problem header="It has not ended" error={change.error} />}
      </SpaceBetween>
    </Modal>
  );
}
