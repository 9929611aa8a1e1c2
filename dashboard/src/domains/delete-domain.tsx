import Alert from '@cloudscape-design/components/alert';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { useDeleteDomain } from '../api/queries/change-domain.ts';
import { Dialog } from '../ui/dialog.tsx';

/** Asks to confirm the deletion of a domain by typing its name. */
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
    <Dialog
      header={`Delete ${name}?`}
      confirm="Delete"
      disabled={typed.trim().toLowerCase() !== name}
      loading={remove.isPending}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
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
    </Dialog>
  );
}
