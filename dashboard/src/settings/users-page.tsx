import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { User } from '../api/client.ts';
import { useChangeRole, useRemoveUser, useUsers } from '../api/users.ts';
import { useTitle } from '../frame/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ListTable } from '../ui/list-table.tsx';
import { useNarrow } from '../ui/narrow.ts';
import { useNotify } from '../ui/notify.ts';
import { Problem } from '../ui/problem.tsx';
import { Time } from '../ui/time.tsx';
import { InviteUser } from './invite-user.tsx';
import { RoleChoice, type Role } from './role-choice.tsx';

const indicators: Record<User['state'], readonly [StatusIndicatorProps.Type, string]> = {
  invited: ['pending', 'Invited'],
  active: ['success', 'Active'],
  disabled: ['stopped', 'Shut out by the operator'],
};

/** Those who may use this dashboard for the tenant. */
export default function UsersPage() {
  useTitle('Users');
  const query = useUsers();
  const [inviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<User>();
  const [changing, setChanging] = useState<User>();
  return (
    <ListTable
      query={query}
      items={query.data?.users}
      columns={useColumns(setRemoving, setChanging)}
      title="Users"
      description="Who may use this dashboard, and what they may do in it."
      actions={
        <Button variant="primary" onClick={() => setInviting(true)}>
          Invite a user
        </Button>
      }
      variant="full-page"
      cannotShow="The users cannot be shown"
      loading="Loading the users"
      empty="There are no users; programs use API keys."
    >
      {inviting && <InviteUser onClose={() => setInviting(false)} />}
      {changing !== undefined && (
        <ChangeRole user={changing} onClose={() => setChanging(undefined)} />
      )}
      {removing !== undefined && (
        <RemoveUser user={removing} onClose={() => setRemoving(undefined)} />
      )}
    </ListTable>
  );
}

function useColumns(onRemove: (user: User) => void, onChange: (user: User) => void) {
  const narrow = useNarrow();
  const email = {
    id: 'email',
    header: 'Address',
    isRowHeader: true,
    cell: (user: User) => (
      <SpaceBetween size="xxxs">
        <span className="dns-text">{user.email}</span>
        {user.self && <Box variant="small">You</Box>}
        {/* On a phone the other columns have no room. */}
        {narrow && <State of={user} />}
      </SpaceBetween>
    ),
  };
  const actions = {
    id: 'actions',
    header: 'Actions',
    cell: (user: User) => (
      <Button
        variant="inline-link"
        ariaLabel={`Remove ${user.email}`}
        onClick={() => onRemove(user)}
      >
        Remove
      </Button>
    ),
  };
  if (narrow) return [email, actions];
  return [
    email,
    {
      id: 'role',
      header: 'Role',
      cell: (user: User) =>
        user.state === 'invited' ? (
          user.role
        ) : (
          <Button
            variant="inline-link"
            ariaLabel={`Change the role of ${user.email}, ${user.role}`}
            onClick={() => onChange(user)}
          >
            {user.role}
          </Button>
        ),
    },
    { id: 'state', header: 'State', cell: (user: User) => <State of={user} /> },
    { id: 'since', header: 'Since', cell: ({ since }: User) => <Time at={since} /> },
    actions,
  ];
}

function State({ of: { state } }: { readonly of: User }) {
  const [type, text] = indicators[state];
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}

function ChangeRole({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const [role, setRole] = useState<Role>(user.role);
  const change = useChangeRole();
  const notify = useNotify();
  return (
    <Dialog
      header="Change the role?"
      confirm="Change it"
      loading={change.isPending}
      onConfirm={() =>
        change.mutate(
          { id: user.id, role },
          {
            onSuccess: () => {
              notify({ type: 'success', content: `${user.email} is ${role} now.` });
              onClose();
            },
          },
        )
      }
      onClose={onClose}
    >
      <span className="dns-text">{user.email}, from their next request on:</span>
      <RoleChoice label="Role" chosen={role} onChoose={setRole} />
      {change.error !== null && <Problem header="It is not changed" error={change.error} />}
    </Dialog>
  );
}

function RemoveUser({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const remove = useRemoveUser();
  const notify = useNotify();
  return (
    <Dialog
      header="Remove the user?"
      confirm="Remove"
      loading={remove.isPending}
      onConfirm={() =>
        remove.mutate(user.id, {
          onSuccess: () => {
            notify({ type: 'success', content: `${user.email} is removed.` });
            onClose();
          },
        })
      }
      onClose={onClose}
    >
      <span className="dns-text">
        {user.email} is refused from the next request on. API keys that they made stay; revoke those
        apart.
      </span>
      {remove.error !== null && <Problem header="It is not removed" error={remove.error} />}
    </Dialog>
  );
}
