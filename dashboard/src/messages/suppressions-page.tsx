import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import type { Suppression } from '../api/client.ts';
import { useSuppress, useSuppressions, useUnsuppress } from '../api/queries/suppressions.ts';
import { useTitle } from '../frame/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { useDraft } from '../ui/draft.ts';
import { ListTable } from '../ui/list-table.tsx';
import { useNarrow } from '../ui/narrow.ts';
import { useNotify } from '../ui/notify.ts';
import { Older } from '../ui/older.tsx';
import { Outcome } from '../ui/outcome.tsx';
import { Problem } from '../ui/problem.tsx';
import { Time } from '../ui/time.tsx';

/** The addresses that mail is not sent to. */
export default function SuppressionsPage() {
  useTitle('Suppression list');
  const list = useSuppressions();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<string>();
  const items = list.data?.pages
    .flatMap(({ suppressions }) => suppressions)
    .map((one) => ({ ...one, id: one.address }));
  return (
    <ListTable
      query={list}
      items={items}
      columns={useColumns(setRemoving)}
      title="Suppression list"
      description="Addresses that mail is not sent to. Those that bounce for good, and readers who report spam, come onto it by themselves."
      actions={
        <Button variant="primary" onClick={() => setAdding(true)}>
          Add addresses
        </Button>
      }
      variant="full-page"
      cannotShow="The list cannot be shown"
      loading="Loading the list"
      empty="Mail is sent to every address."
    >
      <Older list={list} text="Show more" />
      {adding && <AddAddresses onClose={() => setAdding(false)} />}
      {removing !== undefined && (
        <RemoveAddress address={removing} onClose={() => setRemoving(undefined)} />
      )}
    </ListTable>
  );
}

const reasons: Record<Suppression['reason'], readonly [StatusIndicatorProps.Type, string]> = {
  bounce: ['warning', 'Bounced'],
  complaint: ['error', 'Reported as spam'],
  manual: ['stopped', 'Put there by you'],
};

type Row = Suppression & { readonly id: string };

function useColumns(onRemove: (address: string) => void) {
  const narrow = useNarrow();
  const address = {
    id: 'address',
    header: 'Address',
    isRowHeader: true,
    cell: (one: Row) => (
      <SpaceBetween size="xxxs">
        <span className="dns-text">{one.address}</span>
        {narrow && <Reason of={one} />}
      </SpaceBetween>
    ),
  };
  const remove = {
    id: 'remove',
    header: 'Action',
    minWidth: 100,
    cell: (one: Row) => (
      <Button
        variant="inline-link"
        ariaLabel={`Remove ${one.address}`}
        onClick={() => onRemove(one.address)}
      >
        Remove
      </Button>
    ),
  };
  if (narrow) return [address, remove];
  return [
    address,
    { id: 'reason', header: 'Why', cell: (one: Row) => <Reason of={one} /> },
    { id: 'added', header: 'Since', cell: ({ addedAt }: Row) => <Time at={addedAt} /> },
    remove,
  ];
}

function Reason({ of: { reason, detail } }: { readonly of: Suppression }) {
  const [type, text] = reasons[reason];
  return <Outcome type={type} text={text} detail={detail} />;
}

function AddAddresses({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useDraft('suppress', '');
  const [tried, setTried] = useState(false);
  const suppress = useSuppress();
  const notify = useNotify();
  const addresses = text.split(/[\s,;]+/).filter((each) => each !== '');
  const problem = addresses.length === 0 ? 'Enter an address, or several.' : undefined;
  const submit = (): void => {
    setTried(true);
    if (problem !== undefined) return;
    suppress.mutate(addresses, {
      onSuccess: ({ added, known }) => {
        notify({ type: 'success', content: `${added} added; ${known} were on the list.` });
        setText('');
        onClose();
      },
    });
  };
  return (
    <Dialog
      header="Add addresses"
      confirm="Add them"
      loading={suppress.isPending}
      onConfirm={submit}
      onClose={onClose}
    >
      <FormField
        label="Addresses"
        description="One a line, or with commas between them. Mail is not sent to them from now on."
        errorText={(tried ? problem : undefined) ?? suppress.error?.message}
      >
        <Textarea value={text} onChange={({ detail }) => setText(detail.value)} rows={6} />
      </FormField>
    </Dialog>
  );
}

function RemoveAddress({
  address,
  onClose,
}: {
  readonly address: string;
  readonly onClose: () => void;
}) {
  const unsuppress = useUnsuppress();
  const notify = useNotify();
  return (
    <Dialog
      header="Send to it again?"
      confirm="Remove"
      loading={unsuppress.isPending}
      onConfirm={() =>
        unsuppress.mutate(address, {
          onSuccess: () => {
            notify({ type: 'success', content: `Mail is sent to ${address} again.` });
            onClose();
          },
        })
      }
      onClose={onClose}
    >
      <Box>
        <span className="dns-text">{address}</span> comes back onto the list with its next bounce or
        complaint. Sending to addresses that bounce or complain harms the delivery of all your mail.
      </Box>
      {unsuppress.error !== null && <Problem header="It is not removed" error={unsuppress.error} />}
    </Dialog>
  );
}
