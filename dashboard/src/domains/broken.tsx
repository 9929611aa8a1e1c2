import Alert from '@cloudscape-design/components/alert';
import type { Domain } from '../api/client.ts';
import { Time } from '../ui/time.tsx';

/** Since when it is broken, and what follows. */
export function Broken({
  domain: { status, statusSince, lostAt, statusReason },
}: {
  readonly domain: Domain;
}) {
  if (status === 'lost') {
    return (
      <Alert type="error" header="Lost: nothing is sent">
        Since <Time at={statusSince} />.{' '}
        <span className="dns-text">{statusReason?.detail ?? 'Its records are not right.'}</span>{' '}
        Mail is sent again once the records below are right.
      </Alert>
    );
  }
  if (status !== 'at-risk') return null;
  if (lostAt === null) {
    return (
      <Alert type="warning" header="A record broke">
        Since <Time at={statusSince} />. Mail is still signed. Put right what is marked below.
      </Alert>
    );
  }
  return (
    <Alert
      type="error"
      header={
        <>
          Mail stops on <Time at={lostAt} date />
        </>
      }
    >
      None of the keys has been found in DNS since <Time at={statusSince} />. Put the records marked
      below back before <Time at={lostAt} />.
    </Alert>
  );
}
