import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { Import, ImportRow } from '../api/client.ts';
import { ListTable } from '../ui/list-table.tsx';
import { useNarrow } from '../ui/narrow.ts';
import { Older } from '../ui/older.tsx';
import { Outcome } from '../ui/outcome.tsx';
import { useImportRows } from './queries.ts';

type State = ImportRow['state'];
type Row = ImportRow & { readonly id: string };

const states: Record<State, readonly [StatusIndicatorProps.Type, string]> = {
  claimed: ['success', 'Claimed'],
  existing: ['success', 'Had before'],
  repeated: ['stopped', 'Came twice'],
  failed: ['error', 'Failed'],
  forecast: ['info', 'Would be claimed'],
  waiting: ['pending', 'Waits'],
};

const ALL = { value: 'all', label: 'All rows' };
const choices = [ALL, ...Object.entries(states).map(([value, [, label]]) => ({ value, label }))];

/** The rows of an import, all or those in one state. */
export function ImportRows({ of: { id, rows, counts } }: { readonly of: Import }) {
  const [chosen, setChosen] = useState<State>();
  const list = useImportRows(id, chosen, rows - counts.waiting);
  const items = list.data?.pages
    .flatMap((page) => page.rows)
    .map((one) => ({ ...one, id: String(one.row) }));
  return (
    <ListTable
      query={list}
      items={items}
      columns={useColumns()}
      title="Rows"
      level="h2"
      description="What became of each, and what to do about those that failed."
      filter={
        <FormField label="Show">
          <Select
            selectedOption={choices.find(({ value }) => value === chosen) ?? ALL}
            options={choices}
            onChange={({ detail }) => {
              const { value } = detail.selectedOption;
              setChosen(isState(value) ? value : undefined);
            }}
          />
        </FormField>
      }
      cannotShow="The rows cannot be shown"
      loading="Loading the rows"
      empty={list.hasNextPage ? 'None so far; show more.' : 'There are none.'}
    >
      <Older list={list} text="Show more" />
    </ListTable>
  );
}

const isState = (value: string | undefined): value is State =>
  value !== undefined && Object.hasOwn(states, value);

function useColumns() {
  const narrow = useNarrow();
  const domain = {
    id: 'domain',
    header: 'Domain',
    isRowHeader: true,
    minWidth: narrow ? 0 : 240,
    cell: (one: Row) => (
      <SpaceBetween size="xxxs">
        <span className="dns-text">{one.domain}</span>
        <span className="dns-text">
          <Box variant="small">
            Row {one.row}, {one.externalId}
          </Box>
        </span>
        {narrow && <RowOutcome of={one} />}
      </SpaceBetween>
    ),
  };
  if (narrow) return [domain];
  return [
    domain,
    { id: 'state', header: 'What became of it', cell: (one: Row) => <RowOutcome of={one} /> },
    { id: 'status', header: 'Domain’s status', cell: ({ status }: Row) => status ?? '–' },
  ];
}

function RowOutcome({ of: { state, detail } }: { readonly of: Row }) {
  const [type, text] = states[state];
  return <Outcome type={type} text={text} detail={detail} />;
}
