import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';
import type { Domain, DomainRecord } from '../api/client.ts';
import { Time } from '../ui/time.tsx';

type Indicator = readonly [type: StatusIndicatorProps.Type, text: string];

const byStatus: Record<DomainRecord['status'], Indicator> = {
  ok: ['success', 'Right'],
  'ok-external': ['success', 'Nothing to do: right by a record of your own'],
  warning: ['warning', 'Works, with a risk'],
  missing: ['pending', 'Not found yet'],
  wrong: ['error', 'Not right'],
  unknown: ['in-progress', 'Not checked yet'],
  preparing: ['loading', 'Value being made'],
};

/** Codes of a record that is there, but not where it should be. */
const atWrongName: readonly DomainRecord['code'][] = ['appended-domain', 'wrong-name'];

function indicatorOf({ status, code, observed }: DomainRecord, broke: boolean): Indicator {
  if (atWrongName.includes(code)) return ['error', 'At a wrong name'];
  // Seen before, so this is DNS that did not answer.
  if (status === 'unknown' && observed.length > 0) return ['in-progress', 'DNS did not answer'];
  if (broke) return ['error', status === 'missing' ? 'Gone' : 'Broke'];
  return byStatus[status];
}

/** Returns true of a record that was right when the domain was verified, and is not any more. */
const hasBroken = ({ status }: DomainRecord, domain: Domain): boolean =>
  domain.lifecycle === 'live' &&
  (domain.status === 'at-risk' || domain.status === 'lost') &&
  (status === 'missing' || status === 'wrong');

/** The status of a record; of a key that broke also since when, and when mail stops. */
export function RecordStatus({
  record,
  domain,
}: {
  readonly record: DomainRecord;
  readonly domain: Domain;
}) {
  const broke = hasBroken(record, domain);
  const [type, text] = indicatorOf(record, broke);
  return (
    <>
      <StatusIndicator type={type}>{text}</StatusIndicator>
      {broke && record.purpose === 'dkim' && (
        <div className="record-since">
          {domain.status === 'lost' ? 'Lost on ' : 'Broke on '}
          <Time at={domain.statusSince} date />
          {domain.lostAt !== null && (
            <>
              , mail stops on <Time at={domain.lostAt} date />
            </>
          )}
        </div>
      )}
    </>
  );
}
