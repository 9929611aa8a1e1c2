import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Limit } from '../api/client.ts';
import { useTitle } from '../frame/announce.tsx';
import { ListTable } from '../ui/list-table.tsx';
import { Time } from '../ui/time.tsx';
import { usePlatformLimits } from './queries.ts';

type Row = Limit & { readonly id: string };

const number = (value: number): string => value.toLocaleString();

const columns = [
  {
    id: 'budget',
    header: 'Limit',
    isRowHeader: true,
    cell: ({ budget, unit }: Row) => (
      <SpaceBetween size="xxxs">
        <span>{`${unit.charAt(0).toUpperCase()}${unit.slice(1)}`}</span>
        <span className="dns-text">
          <Box variant="small">{budget}</Box>
        </span>
      </SpaceBetween>
    ),
  },
  {
    id: 'left',
    header: 'Left',
    minWidth: 150,
    cell: ({ limit, remaining, resetsAt }: Row) => (
      <SpaceBetween size="xxxs">
        <span>
          {remaining === null
            ? `${number(limit)} each`
            : `${number(remaining)} of ${number(limit)}`}
        </span>
        {resetsAt !== null && (
          <Box variant="small">
            All again <Time at={resetsAt} />
          </Box>
        )}
      </SpaceBetween>
    ),
  },
];

/** What the platform may use of what all share. */
export function LimitsPage() {
  useTitle('Limits');
  const query = usePlatformLimits();
  return (
    <ListTable
      query={query}
      items={query.data?.limits.map((one) => ({ ...one, id: one.budget }))}
      columns={columns}
      title="Limits"
      description="What your platform may use, and what is left of it. Who runs the service may raise each."
      variant="full-page"
      cannotShow="The limits cannot be shown"
      loading="Loading the limits"
      empty="There are no limits."
    />
  );
}
