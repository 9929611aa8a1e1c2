import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { Domain, SigningKey } from '../api/client.ts';
import { useKeys, useRotate } from '../api/queries/domain-keys.ts';
import { useNarrow } from '../ui/narrow.ts';
import { useNotify } from '../ui/notify.ts';
import { Problem } from '../ui/problem.tsx';
import { Time } from '../ui/time.tsx';
import { KeysTimeline } from './keys-timeline.tsx';
import { ReportCompromise } from './report-compromise.tsx';

/** Shows the keys by their time of signing, the next one, and the command to rotate. */
export function KeysView({ domain }: { readonly domain: Domain }) {
  const { data, error, isPending, refetch } = useKeys(domain);
  return (
    <SpaceBetween size="l">
      {error !== null && (
        <Problem header="The keys cannot be shown" error={error} onRetry={() => void refetch()} />
      )}
      <Table
        header={
          <Header
            variant="h2"
            description={<NextMove domain={domain} />}
            actions={domain.lifecycle === 'live' && <KeyActions domain={domain} />}
          >
            Signing keys
          </Header>
        }
        items={data?.keys ?? []}
        trackBy="id"
        loading={isPending}
        loadingText="Loading the keys"
        wrapLines
        columnDefinitions={useColumns()}
        empty="There are no keys."
      />
      {data !== undefined && <KeysTimeline dkim={domain.dkim} keys={data.keys} />}
    </SpaceBetween>
  );
}

function NextMove({ domain: { dkim, hosting } }: { readonly domain: Domain }) {
  if (hosting === 'self') {
    return (
      <>
        You host these keys yourself: each month one is prepared for you to publish, and none is
        used before your DNS shows it.
      </>
    );
  }
  if (dkim.next === null || dkim.rotatesAt === null) {
    return <>Keys move on by themselves every month once the domain is verified.</>;
  }
  return (
    <>
      {dkim.next} signs next, from <Time at={dkim.rotatesAt} date /> on. You change nothing in your
      DNS.
    </>
  );
}

type Indicator = readonly [type: StatusIndicatorProps.Type, text: string];

const indicators: Record<SigningKey['state'], Indicator> = {
  current: ['success', 'Signs'],
  prepared: ['pending', 'Waits for you to publish it'],
  next: ['pending', 'Signs next'],
  previous: ['info', 'Signed before, still published'],
  spare: ['pending', 'Spare'],
  revoked: ['error', 'Revoked'],
  gone: ['stopped', 'Gone'],
};

function useColumns() {
  const narrow = useNarrow();
  const selector = {
    id: 'selector',
    header: 'Selector',
    isRowHeader: true,
    cell: ({ selector: name, id }: SigningKey) => (
      <SpaceBetween size="xxxs">
        <span className="dns-text">{name}</span>
        {!narrow && (
          <span className="dns-text">
            <Box variant="small">{id}</Box>
          </span>
        )}
      </SpaceBetween>
    ),
  };
  const state = { id: 'state', header: 'State', cell: (key: SigningKey) => <State of={key} /> };
  const signed = { id: 'signed', header: 'Signed', cell: (key: SigningKey) => <Signed of={key} /> };
  if (narrow) return [selector, state];
  return [
    selector,
    state,
    signed,
    { id: 'algorithm', header: 'Algorithm', cell: ({ algorithm }: SigningKey) => algorithm },
    {
      id: 'created',
      header: 'Made',
      cell: ({ createdAt }: SigningKey) => <Time at={createdAt} />,
    },
  ];
}

function State({ of: { state, revoked, goneAt } }: { readonly of: SigningKey }) {
  const [type, text] = indicators[state];
  return (
    <SpaceBetween size="xxxs">
      <StatusIndicator type={type}>{text}</StatusIndicator>
      {revoked && state !== 'revoked' && <Box variant="small">It was compromised</Box>}
      {goneAt !== null && (
        <Box variant="small">
          <Time at={goneAt} />
        </Box>
      )}
    </SpaceBetween>
  );
}

function Signed({ of: { signed } }: { readonly of: SigningKey }) {
  if (signed.length === 0) return <>–</>;
  return (
    <SpaceBetween size="xxxs">
      {signed.map(({ from, to }) => (
        <span key={from}>
          <Time at={from} /> – {to === null ? 'now' : <Time at={to} />}
        </span>
      ))}
    </SpaceBetween>
  );
}

function KeyActions({ domain }: { readonly domain: Domain }) {
  const [reporting, setReporting] = useState(false);
  const rotate = useRotate(domain.name);
  const notify = useNotify();
  const rotateNow = (): void =>
    rotate.mutate('manual', {
      onSuccess: ({ dkim }) =>
        notify(
          dkim.prepared.length > 0
            ? { type: 'info', content: 'A key is prepared. Change your record as shown above.' }
            : { type: 'success', content: `${dkim.current} signs from now on.` },
        ),
      onError: ({ message }) => notify({ type: 'info', content: message }),
    });
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button loading={rotate.isPending} onClick={rotateNow}>
        Rotate now
      </Button>
      <Button onClick={() => setReporting(true)}>A key was compromised</Button>
      {reporting && <ReportCompromise domain={domain} onClose={() => setReporting(false)} />}
    </SpaceBetween>
  );
}
