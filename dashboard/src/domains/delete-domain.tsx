import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useDeleteDomain } from '../api/queries.ts';
import { ModalFooter } from '../ui/modal-footer.tsx';

/** Asks whether a domain is to be deleted; its name has to be typed. */
export function DeleteDomain({
  name,
  onClose,
}: {
  readonly name: string;
  readonly onClose: () => void;
}) {
  const [typed, setTyped] = useState('');
  const remove = useDeleteDomain(name);
  return (
    <Modal
      visible
      onDismiss={onClose}
      header={`Delete ${name}?`}
      footer={
        <ModalFooter onCancel={onClose}>
          <Button
            variant="primary"
            disabled={typed.trim().toLowerCase() !== name}
            loading={remove.isPending}
            onClick={() => remove.mutate(undefined, { onSuccess: onClose })}
          >
            Delete
          </Button>
        </ModalFooter>
      }
    >
      <SpaceBetween size="m">
        <Alert type="warning">
          Nothing is signed or sent for it from now on. Within 7 days the deletion can be undone;
          after that its keys are revoked for good.
        </Alert>
        <FormField label={`Type ${name} to confirm`} errorText={remove.error?.message}>
          <Input
            value={typed}
            onChange={({ detail }) => setTyped(detail.value)}
            autoComplete={false}
            spellcheck={false}
          />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}
