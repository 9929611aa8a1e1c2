import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { User } from '../api/client.ts';
import { useRemoveUser, useUsers } from '../api/users.ts';
import { ModalFooter } from '../ui/modal-footer.tsx';
import { useNarrow } from '../ui/narrow.ts';
import { useNotify } from '../ui/notify.ts';
import { Problem } from '../ui/problem.tsx';
import { Time } from '../ui/time.tsx';
import { InviteUser } from './invite-user.tsx';

const looks: Record<User['state'], readonly [StatusIndicatorProps.Type, string]> = {
  invited: ['pending', 'Invited'],
  active: ['success', 'Active'],
  disabled: ['stopped', 'Shut out by the operator'],
};

/** Those who may use this dashboard for the tenant. */
export default function UsersPage() {
  const { data, error, isPending, refetch } = useUsers();
  const [inviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<User>();
  return (
    <SpaceBetween size="l">
      {error !== null && (
        <Problem header="The users cannot be shown" error={error} onRetry={() => void refetch()} />
      )}
      <Table
        variant="full-page"
        header={
          <Header
            variant="h1"
            description="Who may use this dashboard. Every user may do everything in it."
            actions={
              <Button variant="primary" onClick={() => setInviting(true)}>
                Invite a user
              </Button>
            }
          >
            Users
          </Header>
        }
        items={data?.users ?? []}
        trackBy="id"
        loading={isPending}
        loadingText="Loading the users"
        wrapLines
        columnDefinitions={useColumns(setRemoving)}
        empty={error === null && 'There are no users; programs use API keys.'}
      />
      {inviting && <InviteUser onClose={() => setInviting(false)} />}
      {removing !== undefined && (
        <RemoveUser user={removing} onClose={() => setRemoving(undefined)} />
      )}
    </SpaceBetween>
  );
}

function useColumns(onRemove: (user: User) => void) {
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
    { id: 'state', header: 'State', cell: (user: User) => <State of={user} /> },
    { id: 'since', header: 'Since', cell: ({ since }: User) => <Time at={since} /> },
    actions,
  ];
}

function State({ of: { state } }: { readonly of: User }) {
  const [type, text] = looks[state];
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}

function RemoveUser({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const remove = useRemoveUser();
  const notify = useNotify();
  return (
    <Modal
      visible
      onDismiss={onClose}
      header="Remove the user?"
      footer={
        <ModalFooter onCancel={onClose}>
          <Button
            variant="primary"
            loading={remove.isPending}
            onClick={() =>
              remove.mutate(user.id, {
                onSuccess: () => {
                  notify({ type: 'success', content: `${user.email} is removed.` });
                  onClose();
                },
              })
            }
          >
            Remove
          </Button>
        </ModalFooter>
      }
    >
      <SpaceBetween size="m">
        <span className="dns-text">
          {user.email} is refused from the next request on. API keys that they made stay; revoke
          those apart.
        </span>
        {remove.error !== null && <Problem header="It is not removed" error={remove.error} />}
      </SpaceBetween>
    </Modal>
  );
}
