import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Domain } from '../api/client.ts';
import { useChangeDomain } from '../api/queries/change-domain.ts';
import { useNotify } from '../ui/notify.ts';
import { Time } from '../ui/time.tsx';
import { names, strictness, type Dmarc } from './disposition.ts';
import { EndPlan } from './end-plan.tsx';
import { PlanForm } from './plan-form.tsx';
import { StepsAhead } from './steps-ahead.tsx';

type Plan = NonNullable<Dmarc['plan']>;
type Asking = 'form' | 'end';

/**
 * Shows the plan that raises the policy by what receivers report: its stage, and the evidence it
 * waits for.
 */
export function DmarcPlan({ domain, dmarc }: { readonly domain: Domain; readonly dmarc: Dmarc }) {
  const { plan } = dmarc;
  const [asking, setAsking] = useState<Asking>();
  const close = (): void => setAsking(undefined);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Raises the DMARC policy step by step, where receivers’ reports show that your own mail passes."
          actions={
            domain.lifecycle === 'live' &&
            domain.hosting === 'service' && (
              <Actions domain={domain} dmarc={dmarc} ask={setAsking} />
            )
          }
        >
          Roll-out plan
        </Header>
      }
    >
      {domain.hosting === 'self' ? (
        <Box>
          You host the DMARC record of this domain yourself, so no plan can change it. What it is to
          say is under Records.
        </Box>
      ) : plan === null ? (
        <Box>
          There is no plan: the policy stays as it is until you change it. A plan takes a step where
          weeks of reports show that mail of yours passes, says why, and goes back where it begins
          to fail.
        </Box>
      ) : (
        <SpaceBetween size="l">
          <Held plan={plan} />
          <Standing plan={plan} />
          <StepsAhead name={domain.name} />
        </SpaceBetween>
      )}
      {asking === 'form' && <PlanForm name={domain.name} dmarc={dmarc} onClose={close} />}
      {asking === 'end' && <EndPlan domain={domain} onClose={close} />}
    </Container>
  );
}

function Actions({
  domain: { name },
  dmarc: { p, plan },
  ask,
}: {
  readonly domain: Domain;
  readonly dmarc: Dmarc;
  readonly ask: (what: Asking) => void;
}) {
  const change = useChangeDomain(name);
  const notify = useNotify();
  if (plan === null) return <Button onClick={() => ask('form')}>Begin a plan</Button>;
  const hold = (): void =>
    change.mutate(
      { dmarc: { plan: { ceiling: p } } },
      {
        onSuccess: () =>
          notify({ type: 'success', content: `The plan takes no step beyond “${names[p]}”.` }),
        onError: ({ message }) => notify({ type: 'error', content: message }),
      },
    );
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {strictness(plan.ceiling) > strictness(p) && (
        <Button loading={change.isPending} onClick={hold}>
          Hold it here
        </Button>
      )}
      <Button onClick={() => ask('form')}>Change the plan</Button>
      <Button onClick={() => ask('end')}>End the plan</Button>
    </SpaceBetween>
  );
}

function Held({ plan: { held } }: { readonly plan: Plan }) {
  if (held === null) return null;
  return (
    <Alert type="warning" header="The plan holds">
      <span className="dns-text">{held.why}</span> Since <Time at={held.since} />. See under
      “Reports” which mail of these sources fails, and correct it there.
    </Alert>
  );
}

function Standing({ plan }: { readonly plan: Plan }) {
  const { startsAt, ceiling, consent, known, since } = plan;
  return (
    <KeyValuePairs
      columns={3}
      items={[
        { label: 'Goes up to', value: names[ceiling] },
        { label: 'No step before', value: <Time at={startsAt} date /> },
        { label: 'At this stage since', value: <Time at={since.p} date /> },
        { label: 'Consent to “Reject”', value: <Given at={consent.reject} /> },
        { label: 'May go back to “None”', value: <Given at={consent.none} /> },
        {
          label: 'Sources whose mail counts',
          value: <span className="dns-text">{known.join(', ') || 'None known yet'}</span>,
        },
      ]}
    />
  );
}

function Given({ at }: { readonly at: string | null }) {
  return at === null ? (
    <>Not given</>
  ) : (
    <>
      Given <Time at={at} date />
    </>
  );
}
