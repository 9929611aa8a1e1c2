import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Steps, { type StepsProps } from '@cloudscape-design/components/steps';
import type { Domain, SigningKey } from '../api/client.ts';
import { Time } from '../ui/time.tsx';

/** A year of monthly keys; those before are in the table. */
const MOST = 13;

/** Shows the keys by their time of signing, oldest first, and the next one or what blocks it. */
export function KeysTimeline({
  dkim,
  keys,
}: {
  readonly dkim: Domain['dkim'];
  readonly keys: readonly SigningKey[];
}) {
  const periods = keys
    .flatMap(({ selector, revoked, signed }) =>
      signed.map(({ from, to }) => ({ selector, revoked, from, to })),
    )
    .toSorted((one, other) => one.from.localeCompare(other.from))
    .slice(-MOST);
  if (periods.length === 0) return null;
  return (
    <Container header={<Header variant="h2">Which key signs when</Header>}>
      <Steps
        ariaLabel="Which key signs when"
        steps={[...periods.map(stepOf), ...blockedOf(dkim), ...comingUp(dkim)]}
      />
    </Container>
  );
}

interface Period {
  readonly selector: string;
  readonly revoked: boolean;
  readonly from: string;
  readonly to: string | null;
}

function stepOf({ selector, revoked, from, to }: Period): StepsProps.Step {
  if (to === null) {
    return {
      status: 'success',
      statusIconAriaLabel: 'Signing',
      header: <>{selector} signs</>,
      details: (
        <>
          since <Time at={from} />
        </>
      ),
    };
  }
  return {
    status: revoked ? 'error' : 'stopped',
    statusIconAriaLabel: revoked ? 'Compromised' : 'Over',
    header: (
      <>
        {selector} signed{revoked && ', until it was compromised'}
      </>
    ),
    details: (
      <>
        <Time at={from} /> – <Time at={to} />
      </>
    ),
  };
}

function blockedOf({ heldBack: held }: Domain['dkim']): StepsProps.Step[] {
  if (held === null) return [];
  return [
    {
      status: 'warning',
      statusIconAriaLabel: 'Held back',
      header: (
        <>
          The next key is held back since <Time at={held.since} />
        </>
      ),
      details: <span className="dns-text">{held.detail}</span>,
    },
  ];
}

function comingUp({ next, rotatesAt }: Domain['dkim']): StepsProps.Step[] {
  if (next === null || rotatesAt === null) return [];
  return [
    {
      status: 'pending',
      statusIconAriaLabel: 'To come',
      header: <>{next} signs next</>,
      details: (
        <>
          from <Time at={rotatesAt} date /> on
        </>
      ),
    },
  ];
}
