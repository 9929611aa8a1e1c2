import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { useInviteUser } from '../api/users.ts';
import { useDraft } from '../ui/draft.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useNotify } from '../ui/notify.ts';
import { RoleChoice, type Role } from './role-choice.tsx';

/** Invites somebody by their address. */
export function InviteUser({ onClose }: { readonly onClose: () => void }) {
  const [email, setEmail] = useDraft('invite-user', '');
  const [role, setRole] = useState<Role>('member');
  const [tried, setTried] = useState(false);
  const invite = useInviteUser();
  const notify = useNotify();
  const problem = /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email.trim())
    ? undefined
    : 'Enter an e-mail address.';
  const submit = (): void => {
    setTried(true);
    if (problem !== undefined) return;
    invite.mutate(
      { email: email.trim(), role },
      {
        onSuccess: ({ email: invited }) => {
          notify({ type: 'success', content: `${invited} is invited.` });
          setEmail('');
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      header="Invite a user"
      confirm="Invite"
      loading={invite.isPending}
      onConfirm={submit}
      onClose={onClose}
    >
      <Box>
        They belong to this account once they sign in and accept. Who is new gets a mail with a
        first password, good for 3 days; inviting them again sends another one. Tell them the
        address of this page.
      </Box>
      <FormField
        label="E-mail address"
        errorText={(tried ? problem : undefined) ?? invite.error?.message}
      >
        <Input
          value={email}
          onChange={({ detail }) => setEmail(detail.value)}
          type="email"
          inputMode="email"
          autoComplete={false}
          spellcheck={false}
          autoFocus
        />
      </FormField>
      <FormField label="Role">
        <RoleChoice label="Role" chosen={role} onChoose={setRole} />
      </FormField>
    </Dialog>
  );
}
