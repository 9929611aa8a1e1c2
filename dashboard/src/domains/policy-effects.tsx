import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import type { PolicyEffects as Effects } from '../api/client.ts';
import { usePolicyEffects } from '../api/queries/policies.ts';
import { useNarrow } from '../ui/narrow.ts';
import { Problem } from '../ui/problem.tsx';
import { names } from './disposition.ts';
import { number } from './figures.ts';

type Source = Effects['sources'][number];
type Step = Effects['next'][number];

/** Shows what each policy would have done to the mail of the last 30 days, and the next step. */
export function PolicyEffects({ name }: { readonly name: string }) {
  const { data: effects, error, refetch } = usePolicyEffects(name);
  if (error !== null) {
    return (
      <Problem
        header="The effects of policies cannot be shown"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  if (effects === undefined) return <Spinner size="large" />;
  return <EffectsTable effects={effects} />;
}

const under = ({ policies }: Source, wanted: 'quarantine' | 'reject') =>
  policies.find(({ policy }) => policy === wanted);

function EffectsTable({ effects: { sources, next } }: { readonly effects: Effects }) {
  const narrow = useNarrow();
  const source = {
    id: 'source',
    header: 'Source',
    isRowHeader: true,
    cell: ({ id, tag, known, kind }: Source) => (
      <SpaceBetween size="xxxs">
        <span className="dns-text">{id}</span>
        <Box variant="small">
          {whose[tag]}; {isYours({ known, kind }) ? 'counts as yours' : 'does not count as yours'}
        </Box>
      </SpaceBetween>
    ),
  };
  const quarantine = {
    id: 'quarantine',
    header: 'With “Quarantine”',
    cell: (one: Source) =>
      `${number.format(under(one, 'quarantine')?.quarantined ?? 0)} put to spam`,
  };
  const reject = {
    id: 'reject',
    header: 'With “Reject”',
    cell: (one: Source) => `${number.format(under(one, 'reject')?.rejected ?? 0)} refused`,
  };
  return (
    <Table
      header={
        <Header variant="h2" description={<Refused sources={sources} />}>
          What each policy would have done
        </Header>
      }
      items={sources}
      trackBy={({ id, tag }) => `${tag} ${id}`}
      wrapLines
      columnDefinitions={
        narrow
          ? [source, reject]
          : [
              source,
              {
                id: 'mails',
                header: 'Mails',
                cell: ({ messages }: Source) => number.format(messages),
              },
              quarantine,
              reject,
            ]
      }
      empty="No receiver has reported mail of these days yet."
      footer={next.length === 0 ? undefined : <NextSteps next={next} />}
    />
  );
}

const isYours = ({ known, kind }: Pick<Source, 'known' | 'kind'>): boolean =>
  known || kind === 'service';

/** What `reject` would have done, to your mail and to that of others. */
function Refused({ sources }: { readonly sources: readonly Source[] }) {
  const refused = (yours: boolean): string =>
    number.format(
      sources
        .filter((source) => isYours(source) === yours)
        .reduce((sum, source) => sum + (under(source, 'reject')?.rejected ?? 0), 0),
    );
  return `With “Reject”, ${refused(true)} of your mails and ${refused(false)} of others would have been refused in the last 30 days, as receivers reported them.`;
}

const whose: Record<Step['tag'], string> = {
  p: 'Mail of the domain itself',
  sp: 'Mail of its subdomains',
};

function NextSteps({ next }: { readonly next: readonly Step[] }) {
  return (
    <SpaceBetween size="m">
      {next.map(({ tag, from, to, ready, why }) => (
        <SpaceBetween key={tag} size="xxs">
          <Box fontWeight="bold">
            {whose[tag]}: from “{names[from]}” to “{names[to]}”
          </Box>
          <StatusIndicator type={ready ? 'success' : 'pending'}>
            {ready ? 'Ready' : 'Not ready yet'}
          </StatusIndicator>
          <Box variant="small">
            <span className="dns-text">{why}</span>
          </Box>
        </SpaceBetween>
      ))}
    </SpaceBetween>
  );
}
