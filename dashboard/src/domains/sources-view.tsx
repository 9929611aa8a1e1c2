import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import type { Reports, SourceDecision } from '../api/client.ts';
import { useDecideSource } from '../api/queries/policies.ts';
import { useNarrow } from '../ui/narrow.ts';
import { useNotify } from '../ui/notify.ts';
import { number, share } from './figures.ts';

type Source = Reports['sources'][number];

const kinds: Record<Source['kind'], string> = {
  service: 'This service',
  sender: 'Another sender',
  forwarder: 'Passes mail on',
  unknown: 'Unknown',
};

/** Lists who sent mail with the domain in its From address; the customer says whose each is. */
export function SourcesView({
  name,
  sources,
}: {
  readonly name: string;
  readonly sources: readonly Source[];
}) {
  const narrow = useNarrow();
  const source = {
    id: 'source',
    header: 'Source',
    isRowHeader: true,
    cell: (one: Source) => (
      <SpaceBetween size="xs">
        <About source={one} />
        {/* On a phone a column has no room for buttons. */}
        {narrow && <Whose name={name} source={one} />}
      </SpaceBetween>
    ),
  };
  const passed = {
    id: 'passed',
    header: 'Passed',
    cell: ({ rates, messages, passed: count }: Source) => (
      <StatusIndicator type={count === messages ? 'success' : 'warning'}>
        <span className="figure">{share(rates.passed)}</span>
      </StatusIndicator>
    ),
  };
  const mails = {
    id: 'mails',
    header: 'Mails',
    cell: ({ messages }: Source) => number.format(messages),
  };
  const whose = {
    id: 'whose',
    header: 'Is it yours?',
    minWidth: 230,
    cell: (one: Source) => <Whose name={name} source={one} />,
  };
  return (
    <Table
      header={
        <Header
          variant="h2"
          description="Who sent mail with this domain in its From address. Mail of the sources that are yours decides when the policy can become stricter."
        >
          Sources
        </Header>
      }
      items={sources}
      trackBy="id"
      wrapLines
      columnDefinitions={
        narrow
          ? [source, passed]
          : [
              source,
              mails,
              passed,
              { id: 'dkim', header: 'DKIM', cell: ({ rates }: Source) => share(rates.dkim) },
              { id: 'spf', header: 'SPF', cell: ({ rates }: Source) => share(rates.spf) },
              whose,
            ]
      }
      empty="No receiver has reported mail of these days yet."
    />
  );
}

function About({ source: { id, kind, addresses, service, messages, passed } }: { source: Source }) {
  return (
    <SpaceBetween size="xxxs">
      <span className="dns-text">{id}</span>
      <Box variant="small">{service?.name ?? kinds[kind]}</Box>
      {service !== null && passed < messages && (
        <Box variant="small">
          {service.align}{' '}
          <Link href={service.page} external externalIconAriaLabel="Opens in a new tab">
            How
          </Link>
        </Box>
      )}
      {addresses.length > 0 && (
        <ExpandableSection headerText="Addresses" variant="footer">
          <span className="dns-text">{addresses.join(', ')}</span>
        </ExpandableSection>
      )}
    </SpaceBetween>
  );
}

/** What the customer said of a source, and the buttons to say it. */
function Whose({
  name,
  source: { id, kind, decision },
}: {
  readonly name: string;
  readonly source: Source;
}) {
  const decide = useDecideSource(name);
  const notify = useNotify();
  const say = (wanted: SourceDecision): void =>
    decide.mutate(
      { source: id, decision: wanted },
      { onError: ({ message }) => notify({ type: 'error', content: message }) },
    );
  if (kind === 'service') return <StatusIndicator type="success">Yours</StatusIndicator>;
  if (decision !== 'undecided') {
    return (
      <SpaceBetween direction="horizontal" size="xs" alignItems="center">
        <StatusIndicator type={decision === 'confirmed' ? 'success' : 'stopped'}>
          {decision === 'confirmed' ? 'Yours' : 'Ignored'}
        </StatusIndicator>
        <Button
          variant="inline-link"
          ariaLabel={`Undo the decision on ${id}`}
          loading={decide.isPending}
          onClick={() => say('undecided')}
        >
          Undo
        </Button>
      </SpaceBetween>
    );
  }
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button
        ariaLabel={`Confirm ${id}`}
        disabled={decide.isPending}
        onClick={() => say('confirmed')}
      >
        Confirm
      </Button>
      <Button
        variant="link"
        ariaLabel={`Ignore ${id}`}
        disabled={decide.isPending}
        onClick={() => say('ignored')}
      >
        Ignore
      </Button>
    </SpaceBetween>
  );
}
