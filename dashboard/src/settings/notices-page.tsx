import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { NoticeRecipient } from '../api/client.ts';
import { useChangeNotices, useNotices } from '../api/queries/notices.ts';
import { useTitle } from '../frame/announce.tsx';
import { ListTable } from '../ui/list-table.tsx';
import { useNotify } from '../ui/notify.ts';
import { NoticeForm } from './notice-form.tsx';
import { noticeKinds, noticeLanguages } from './notice-kinds.ts';

/** A row of the list; the address is its id. */
type Row = NoticeRecipient & { readonly id: string };

/** Who is mailed what needs somebody, and about what. */
export default function NoticesPage() {
  useTitle('Notices');
  const query = useNotices();
  const change = useChangeNotices();
  const notify = useNotify();
  const [editing, setEditing] = useState<Row | 'new'>();
  const { recipients = [], revision = 0, offered = true } = query.data ?? {};
  const rows = recipients.map((one): Row => ({ ...one, id: one.email }));
  const write = (next: NoticeRecipient[], says: string): void =>
    change.mutate(
      { recipients: next, revision },
      {
        onSuccess: () => {
          setEditing(undefined);
          notify({ type: 'success', content: says });
        },
        // The dialog shows its own.
        onError: ({ message }) => {
          if (editing === undefined) notify({ type: 'error', content: message });
        },
      },
    );
  const save = (saved: NoticeRecipient): void => {
    const next =
      editing === 'new'
        ? [...recipients, saved]
        : recipients.map((one) => (one.email === editing?.email ? saved : one));
    write(next, `What is mailed to ${saved.email} is saved.`);
  };
  const remove = ({ email }: Row): void =>
    write(
      recipients.filter((one) => one.email !== email),
      `${email} is mailed no more notices.`,
    );
  const open = (row: Row | 'new'): void => {
    change.reset();
    setEditing(row);
  };
  return (
    <SpaceBetween size="l">
      {!offered && (
        <Alert type="info" header="No mails are sent">
          The operator of the service has not set up mails of its own, so that nobody gets a notice.
          Webhooks tell the same to a program.
        </Alert>
      )}
      <ListTable
        query={query}
        items={rows}
        columns={[
          {
            id: 'email',
            header: 'Address',
            isRowHeader: true,
            cell: (row) => (
              <SpaceBetween size="xxxs">
                <span className="dns-text">{row.email}</span>
                <Box variant="small">
                  {noticeLanguages[row.language]}. {listed(row)}
                </Box>
              </SpaceBetween>
            ),
          },
          {
            id: 'actions',
            header: 'Actions',
            cell: (row) => (
              <SpaceBetween direction="horizontal" size="xs">
                <Button
                  variant="inline-link"
                  ariaLabel={`Change what is mailed to ${row.email}`}
                  onClick={() => open(row)}
                >
                  Change
                </Button>
                <Button
                  variant="inline-link"
                  ariaLabel={`Remove ${row.email}`}
                  onClick={() => remove(row)}
                >
                  Remove
                </Button>
              </SpaceBetween>
            ),
          },
        ]}
        title="Notices"
        description="Who is mailed when something needs somebody: within minutes, one mail for all domains that have the same."
        actions={
          <Button variant="primary" disabled={!offered} onClick={() => open('new')}>
            Add an address
          </Button>
        }
        cannotShow="The notices cannot be shown"
        loading="Loading the notices"
        empty="Nobody is mailed."
      >
        {editing !== undefined && (
          <NoticeForm
            recipient={editing === 'new' ? undefined : editing}
            taken={recipients
              .filter((one) => editing === 'new' || one.email !== editing.email)
              .map(({ email }) => email.toLowerCase())}
            saving={change.isPending}
            error={change.error}
            onSave={save}
            onClose={() => setEditing(undefined)}
          />
        )}
      </ListTable>
    </SpaceBetween>
  );
}

const listed = ({ kinds }: NoticeRecipient): string =>
  kinds.length === 0 ? 'Paused.' : `${kinds.map((kind) => noticeKinds[kind][0]).join(', ')}.`;
