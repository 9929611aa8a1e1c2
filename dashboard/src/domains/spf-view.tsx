import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import TokenGroup from '@cloudscape-design/components/token-group';
import { useState, type FormEvent } from 'react';
import type { Domain, SenderPolicy } from '../api/client.ts';
import { useChangeDomain } from '../api/queries/change-domain.ts';
import { useSenders } from '../api/queries/policies.ts';
import { Code } from '../ui/code.tsx';
import { useDraft } from '../ui/draft.ts';
import { Problem } from '../ui/problem.tsx';

/** The SPF record that is hosted, who may send by it, and what the customer adds to it. */
export function SpfView({ domain }: { readonly domain: Domain }) {
  return (
    <Container header={<Header variant="h2">SPF</Header>}>
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={2}
          items={[
            { label: 'Record', value: <Code>{domain.spf.record}</Code> },
            { label: 'DNS lookups it takes', value: `${domain.spf.lookups} of 10` },
          ]}
        />
        {domain.lifecycle === 'live' && <OwnSenders domain={domain} />}
        <ExpandableSection headerText="Who may send">
          <Senders name={domain.name} />
        </ExpandableSection>
      </SpaceBetween>
    </Container>
  );
}

/** The mechanisms that the customer added, to add to and take away from. */
function OwnSenders({ domain }: { readonly domain: Domain }) {
  const { name, spf } = domain;
  const [typed, setTyped] = useDraft(`spf:${name}`, '');
  const change = useChangeDomain(name);
  const add = (): void => {
    const mechanism = typed.trim();
    if (mechanism === '') return;
    change.mutate({ spf: { add: [mechanism] } }, { onSuccess: () => setTyped('') });
  };
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        add();
      }}
    >
      <FormField
        label="Other senders of yours"
        description="An SPF mechanism, such as include:_spf.example.net or ip4:192.0.2.1."
        errorText={change.error?.message}
        secondaryControl={
          <Button formAction="submit" loading={change.isPending}>
            Add
          </Button>
        }
      >
        <Input
          value={typed}
          onChange={({ detail }) => setTyped(detail.value)}
          placeholder="include:_spf.example.net"
          autoComplete={false}
          spellcheck={false}
        />
      </FormField>
      <TokenGroup
        items={spf.mechanisms.map((mechanism) => ({
          label: mechanism,
          dismissLabel: `Remove ${mechanism}`,
          disabled: change.isPending,
        }))}
        onDismiss={({ detail }) => {
          const mechanism = spf.mechanisms[detail.itemIndex];
          if (mechanism !== undefined) change.mutate({ spf: { remove: [mechanism] } });
        }}
      />
    </form>
  );
}

function Senders({ name }: { readonly name: string }) {
  const { data: senders, error, refetch } = useSenders(name);
  if (error !== null) {
    return (
      <Problem header="The senders cannot be shown" error={error} onRetry={() => void refetch()} />
    );
  }
  if (senders === undefined) return <Spinner />;
  return (
    <SpaceBetween size="m">
      {senders.sources.map((source) => (
        <Source key={`${source.from} ${source.mechanism}`} source={source} />
      ))}
    </SpaceBetween>
  );
}

const SHOWN = 8;

function Source({
  source: { mechanism, from, addresses, problem },
}: {
  readonly source: SenderPolicy['sources'][number];
}) {
  const [all, setAll] = useState(false);
  const shown = all ? addresses : addresses.slice(0, SHOWN);
  return (
    <SpaceBetween size="xxs">
      <Box>
        <Code>{mechanism}</Code>{' '}
        <Box variant="small">{from === 'service' ? 'of this service' : 'added by you'}</Box>
      </Box>
      {problem !== null && <Alert type="warning">{problem}</Alert>}
      <span className="dns-text">{shown.join(', ')}</span>
      {addresses.length > shown.length && (
        <Button variant="inline-link" onClick={() => setAll(true)}>
          {`Show all ${addresses.length} networks`}
        </Button>
      )}
    </SpaceBetween>
  );
}
