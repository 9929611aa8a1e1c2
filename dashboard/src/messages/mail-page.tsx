import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useSearchParams } from 'wouter';
import { useMessages } from '../api/lists.ts';
import { useTitle } from '../frame/announce.tsx';
import { ListTable } from '../ui/list-table.tsx';
import { Older, Refresh } from '../ui/older.tsx';
import { useSettled } from '../ui/settled.ts';
import { ChosenMessage } from './chosen-message.tsx';
import { useMessageColumns } from './message-columns.tsx';
import { isMessageStatus, statusNames } from './message-status.tsx';

/** Milliseconds of rest after which what was typed is searched for. */
const TYPING = 400;

/** The log of all mail, whichever domain it is from. The address has the filters. */
export default function MailPage() {
  useTitle('Mail');
  return (
    <ChosenMessage>
      <Log />
    </ChosenMessage>
  );
}

function Log() {
  const [search, setSearch] = useSearchParams();
  const typed = search.get('recipient') ?? '';
  const recipient = useSettled(typed, TYPING).trim();
  const wanted = search.get('status') ?? '';
  const status = isMessageStatus(wanted) ? wanted : undefined;
  const list = useMessages({
    ...(status === undefined ? {} : { status }),
    // The service refuses what is no address yet.
    ...(/^\S+@\S+$/.test(recipient) ? { recipient } : {}),
  });
  const change = (key: string, value: string): void => {
    const next = new URLSearchParams(search);
    if (value === '') next.delete(key);
    else next.set(key, value);
    setSearch(next, { replace: true });
  };
  const options = [
    { value: '', label: 'Whatever became of it' },
    ...Object.entries(statusNames).map(([value, label]) => ({ value, label })),
  ];
  return (
    <SpaceBetween size="m">
      <ListTable
        query={list}
        items={list.data?.pages.flatMap(({ messages }) => messages)}
        columns={useMessageColumns({ withDomain: true })}
        title="Mail"
        description="The mails of the last 90 days, from all your domains."
        actions={<Refresh list={list} of="the mails" />}
        filter={
          <div className="list-filters">
            <Input
              type="search"
              ariaLabel="Find mail by its recipient"
              placeholder="Recipient’s address, in full"
              value={typed}
              onChange={({ detail }) => change('recipient', detail.value)}
            />
            <Select
              ariaLabel="Status"
              options={options}
              selectedOption={options.find(({ value }) => value === (status ?? '')) ?? null}
              onChange={({ detail }) => change('status', detail.selectedOption.value ?? '')}
            />
          </div>
        }
        variant="full-page"
        cannotShow="The mails cannot be shown"
        loading="Loading the mails"
        empty={
          list.hasNextPage ? 'None among the latest; show older ones.' : 'No mail is found by this.'
        }
      >
        <Older list={list} />
      </ListTable>
    </SpaceBetween>
  );
}
