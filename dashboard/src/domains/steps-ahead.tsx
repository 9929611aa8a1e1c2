import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import type { StepAhead } from '../api/client.ts';
import { usePlan } from '../api/queries/policies.ts';
import { Problem } from '../ui/problem.tsx';
import { names } from './disposition.ts';
import { requirementsOf, type Requirement } from './requirements.ts';

const number = new Intl.NumberFormat();

/** Shows the next step of the plan, and its missing evidence. */
export function StepsAhead({ name }: { readonly name: string }) {
  const { data, error, refetch } = usePlan(name);
  if (error !== null) {
    return (
      <Problem header="The steps cannot be shown" error={error} onRetry={() => void refetch()} />
    );
  }
  if (data === undefined) return <Spinner />;
  if (data.steps.length === 0) return <Box>The plan is where it goes up to; no step is ahead.</Box>;
  return (
    <SpaceBetween size="l">
      {data.steps.map((step) => (
        <Step key={step.tag} step={step} />
      ))}
    </SpaceBetween>
  );
}

const whose: Record<StepAhead['tag'], string> = {
  p: 'mail of the domain itself',
  sp: 'mail of its subdomains',
};

function Step({ step }: { readonly step: StepAhead }) {
  const { tag, from, to } = step;
  const title = `From “${names[from]}” to “${names[to]}”, for ${whose[tag]}`;
  return (
    <SpaceBetween size="xs">
      <Box variant="h3">{title}</Box>
      <Box>{consequence(step)}</Box>
      <Table
        variant="embedded"
        wrapLines
        items={requirementsOf(step)}
        trackBy="what"
        ariaLabels={{ tableLabel: `What it takes: ${title}` }}
        columnDefinitions={[
          {
            id: 'what',
            header: 'What it takes',
            isRowHeader: true,
            cell: ({ what }: Requirement) => what,
          },
          {
            id: 'usual',
            header: 'Usual way',
            cell: ({ usual }: Requirement) => <Met of={usual} />,
          },
          {
            id: 'slow',
            header: 'With little mail',
            cell: ({ slow }: Requirement) => <Met of={slow} />,
          },
        ]}
      />
    </SpaceBetween>
  );
}

function Met({ of: { met, text } }: { readonly of: Requirement['usual'] }) {
  return <StatusIndicator type={met ? 'success' : 'pending'}>{text}</StatusIndicator>;
}

/** Describes the effect that the step would have had on the mail of the last days. */
function consequence({ to, failing: { days, known, others } }: StepAhead): string {
  const fate = to === 'reject' ? 'refused' : 'put to spam';
  return `Of the last ${days} days, ${number.format(known)} messages of your known sources and ${number.format(others)} of all others would have been ${fate}.`;
}
