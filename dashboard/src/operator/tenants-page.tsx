import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { Tenant } from '../api/client.ts';
import { useTitle } from '../frame/announce.tsx';
import { ListTable } from '../ui/list-table.tsx';
import { useNarrow } from '../ui/narrow.ts';
import { Older } from '../ui/older.tsx';
import { Time } from '../ui/time.tsx';
import { useTenants } from './queries.ts';
import { ResumeTenant, SuspendTenant } from './tenant-dialogs.tsx';

/** The tenants of the platform, each with its status. */
export function TenantsPage() {
  useTitle('Tenants');
  const [wanted, setWanted] = useState('');
  const [typed, setTyped] = useState('');
  const list = useTenants(wanted);
  const [suspending, setSuspending] = useState<Tenant>();
  const [resuming, setResuming] = useState<Tenant>();
  return (
    <ListTable
      query={list}
      items={list.data?.pages.flatMap(({ tenants }) => tenants)}
      columns={useColumns(setSuspending, setResuming)}
      title="Tenants"
      description="Those that your platform made, by external id."
      filter={
        <form
          onSubmit={(event) => {
            event.preventDefault();
            setWanted(typed.trim());
          }}
        >
          <FormField
            label="Find by id or external id"
            secondaryControl={<Button formAction="submit">Find</Button>}
          >
            <Input
              type="search"
              value={typed}
              onChange={({ detail }) => {
                setTyped(detail.value);
                if (detail.value === '') setWanted('');
              }}
              clearAriaLabel="Show all"
            />
          </FormField>
        </form>
      }
      variant="full-page"
      cannotShow="The tenants cannot be shown"
      loading="Loading the tenants"
      empty="There are no tenants yet: an import makes them, and so does POST /v1/tenants."
    >
      <Older list={list} text="Show more" />
      {suspending !== undefined && (
        <SuspendTenant tenant={suspending} onClose={() => setSuspending(undefined)} />
      )}
      {resuming !== undefined && (
        <ResumeTenant tenant={resuming} onClose={() => setResuming(undefined)} />
      )}
    </ListTable>
  );
}

function useColumns(onSuspend: (tenant: Tenant) => void, onResume: (tenant: Tenant) => void) {
  const narrow = useNarrow();
  const name = {
    id: 'name',
    header: 'Tenant',
    isRowHeader: true,
    cell: (tenant: Tenant) => (
      <SpaceBetween size="xxxs">
        <span className="dns-text">{tenant.name}</span>
        <span className="dns-text">
          <Box variant="small">{tenant.externalId}</Box>
        </span>
        {/* On a phone the other columns have no room. */}
        {narrow && <Status of={tenant} />}
      </SpaceBetween>
    ),
  };
  const action = {
    id: 'action',
    header: 'Action',
    minWidth: 100,
    cell: (tenant: Tenant) => (
      <Action of={tenant} onSuspend={() => onSuspend(tenant)} onResume={() => onResume(tenant)} />
    ),
  };
  if (narrow) return [name, action];
  return [
    name,
    { id: 'status', header: 'Status', cell: (tenant: Tenant) => <Status of={tenant} /> },
    { id: 'since', header: 'Made', cell: ({ createdAt }: Tenant) => <Time at={createdAt} date /> },
    action,
  ];
}

const indicators: Record<Tenant['status'], readonly [StatusIndicatorProps.Type, string]> = {
  active: ['success', 'Active'],
  suspended: ['warning', 'Suspended'],
  closed: ['stopped', 'Closed'],
};

function Status({ of: { status, statusReason, statusSince } }: { readonly of: Tenant }) {
  const [type, text] = indicators[status];
  if (status === 'active') return <StatusIndicator type={type}>{text}</StatusIndicator>;
  return (
    <SpaceBetween size="xxxs">
      <StatusIndicator type={type}>{text}</StatusIndicator>
      {statusReason !== null && (
        <span className="dns-text">
          <Box variant="small">{statusReason}</Box>
        </span>
      )}
      {statusSince !== null && (
        <Box variant="small">
          Since <Time at={statusSince} />
        </Box>
      )}
    </SpaceBetween>
  );
}

function Action({
  of: { name, status, statusBy },
  onSuspend,
  onResume,
}: {
  readonly of: Tenant;
  readonly onSuspend: () => void;
  readonly onResume: () => void;
}) {
  if (status === 'active') {
    return (
      <Button variant="inline-link" ariaLabel={`Suspend ${name}`} onClick={onSuspend}>
        Suspend
      </Button>
    );
  }
  if (statusBy === 'operator') {
    return <Box variant="small">Only who runs the service resumes it</Box>;
  }
  return (
    <Button variant="inline-link" ariaLabel={`Resume ${name}`} onClick={onResume}>
      Resume
    </Button>
  );
}
