import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Import } from '../api/client.ts';
import { useTitle } from '../frame/announce.tsx';
import { paths } from '../paths.ts';
import { useFollow } from '../ui/follow.ts';
import { ListTable } from '../ui/list-table.tsx';
import { useNarrow } from '../ui/narrow.ts';
import { Older, Refresh } from '../ui/older.tsx';
import { Time } from '../ui/time.tsx';
import { ImportStatus } from './import-status.tsx';
import { useImports } from './queries.ts';
import { StartImport } from './start-import.tsx';

/** The imports of the last 90 days. */
export function ImportsPage() {
  useTitle('Imports');
  const list = useImports();
  const [starting, setStarting] = useState(false);
  return (
    <ListTable
      query={list}
      items={list.data?.pages.flatMap(({ imports }) => imports)}
      columns={useColumns()}
      title="Imports"
      description="Lists of domains that were brought in, of the last 90 days."
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Refresh list={list} of="the imports" />
          <Button variant="primary" onClick={() => setStarting(true)}>
            Import domains
          </Button>
        </SpaceBetween>
      }
      variant="full-page"
      cannotShow="The imports cannot be shown"
      loading="Loading the imports"
      empty="Nothing was imported yet."
    >
      <Older list={list} />
      {starting && <StartImport onClose={() => setStarting(false)} />}
    </ListTable>
  );
}

function useColumns() {
  const narrow = useNarrow();
  const follow = useFollow();
  const begun = {
    id: 'begun',
    header: 'Begun',
    isRowHeader: true,
    cell: (one: Import) => (
      <SpaceBetween size="xxxs">
        <Link href={paths.import(one.id)} onFollow={follow}>
          <Time at={one.createdAt} />
        </Link>
        {one.dryRun && <Box variant="small">A trial: nothing is claimed</Box>}
        {narrow && <ImportStatus of={one} />}
      </SpaceBetween>
    ),
  };
  const rows = { id: 'rows', header: 'Rows', cell: (one: Import) => one.rows };
  const failed = { id: 'failed', header: 'Failed', cell: ({ counts }: Import) => counts.failed };
  if (narrow) return [begun, rows, failed];
  return [
    begun,
    { id: 'status', header: 'Status', cell: (one: Import) => <ImportStatus of={one} /> },
    rows,
    { id: 'claimed', header: 'Claimed', cell: ({ counts }: Import) => counts.claimed },
    failed,
  ];
}
