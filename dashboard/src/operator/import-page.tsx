import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Import } from '../api/client.ts';
import { useTitle } from '../frame/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/problem.tsx';
import { Time } from '../ui/time.tsx';
import { ImportRows } from './import-rows.tsx';
import { ImportStatus } from './import-status.tsx';
import { useCancelImport, useImport } from './queries.ts';

/** An import, from its rows to the domains that came of them. */
export function ImportPage({ id }: { readonly id: string }) {
  useTitle('Import');
  const { data, error, refetch } = useImport(id);
  return (
    <SpaceBetween size="l">
      {error !== null && (
        <Problem header="The import cannot be shown" error={error} onRetry={() => void refetch()} />
      )}
      {data !== undefined && <Funnel of={data} />}
      {data !== undefined && <ImportRows of={data} />}
    </SpaceBetween>
  );
}

function Funnel({ of }: { readonly of: Import }) {
  const [cancelling, setCancelling] = useState(false);
  const { dryRun, status, rows, counts, createdAt, finishedAt, expectedAt } = of;
  return (
    <Container
      header={
        <Header
          variant="h1"
          description={dryRun ? 'A trial: nothing is claimed.' : undefined}
          actions={
            status === 'running' && <Button onClick={() => setCancelling(true)}>Cancel it</Button>
          }
        >
          {rows === 1 ? 'Import of 1 row' : `Import of ${rows} rows`}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ImportStatus of={of} />
        <ProgressBar
          value={rows === 0 ? 100 : Math.floor((100 * (rows - counts.waiting)) / rows)}
          label="Rows worked on"
        />
        <ColumnLayout columns={4} minColumnWidth={120}>
          <Figure label="Claimed" value={counts.claimed} />
          <Figure label="Had before" value={counts.existing} />
          <Figure label="Came twice" value={counts.repeated} />
          <Figure label="Failed" value={counts.failed} />
          {dryRun && <Figure label="Would be claimed" value={counts.forecast} />}
          {counts.waiting > 0 && <Figure label="Wait" value={counts.waiting} />}
        </ColumnLayout>
        <Box variant="small">
          Begun <Time at={createdAt} />
          {finishedAt !== null && (
            <>
              , ended <Time at={finishedAt} />
            </>
          )}
          {expectedAt !== null && status === 'running' && (
            <>
              ; the last domain has its records about <Time at={expectedAt} />
            </>
          )}
        </Box>
      </SpaceBetween>
      {cancelling && <CancelImport of={of} onClose={() => setCancelling(false)} />}
    </Container>
  );
}

function Figure({ label, value }: { readonly label: string; readonly value: number }) {
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <Box variant="awsui-value-large">{value}</Box>
    </div>
  );
}

function CancelImport({ of, onClose }: { readonly of: Import; readonly onClose: () => void }) {
  const cancel = useCancelImport();
  return (
    <Dialog
      header="Cancel the import?"
      confirm="Stop it here"
      loading={cancel.isPending}
      onConfirm={() => cancel.mutate(of.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Box>Rows that wait are not worked on. What was claimed stays claimed.</Box>
      {cancel.error !== null && <Problem header="It is not cancelled" error={cancel.error} />}
    </Dialog>
  );
}
