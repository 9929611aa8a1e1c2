import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';
import type { Domain, DomainRecord } from '../api/client.ts';

type Indicator = readonly [type: StatusIndicatorProps.Type, text: string];

const domainIndicators: Record<Domain['status'], Indicator> = {
  pending: ['pending', 'Waiting for records'],
  verified: ['success', 'Verified'],
  'at-risk': ['warning', 'At risk'],
  lost: ['error', 'Lost'],
};

/** The action that each status asks of the customer. */
const domainAdvice: Record<Domain['status'], string | undefined> = {
  pending: undefined,
  verified: undefined,
  'at-risk':
    'A record broke. Mail is still signed; mend the record within 7 days, or sending ends.',
  lost: 'Another account proved this domain, or its records were broken for 7 days. Nothing is sent until the records below are right again.',
};

export const adviceOn = ({ status }: Domain): string | undefined => domainAdvice[status];

export function DomainStatus({ domain }: { readonly domain: Domain }) {
  const [type, text]: Indicator =
    domain.lifecycle === 'deleting'
      ? ['stopped', 'Being deleted']
      : domainIndicators[domain.status];
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}

const sendingIndicators: Record<Domain['sending'], Indicator> = {
  preparing: ['pending', 'Being prepared'],
  ready: ['success', 'Ready'],
  failed: ['error', 'Failed, being asked for again'],
  none: ['stopped', 'Parked: sends nothing'],
};

export function SendingStatus({ domain }: { readonly domain: Domain }) {
  const [type, text]: Indicator =
    domain.lifecycle === 'deleting' ? ['stopped', 'Stopped'] : sendingIndicators[domain.sending];
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}

const recordIndicators: Record<DomainRecord['status'], Indicator> = {
  ok: ['success', 'Right'],
  'ok-external': ['success', 'Right, by a record of your own'],
  warning: ['warning', 'Works, with a risk'],
  missing: ['pending', 'Not found yet'],
  wrong: ['error', 'Not right'],
  unknown: ['in-progress', 'Not checked yet'],
  preparing: ['loading', 'Value being made'],
};

export function RecordStatus({ record: { status, observed } }: { readonly record: DomainRecord }) {
  const [type, text] = recordIndicators[status];
  // Seen before, so this is DNS that did not answer.
  const silent = status === 'unknown' && observed.length > 0;
  return <StatusIndicator type={type}>{silent ? 'DNS did not answer' : text}</StatusIndicator>;
}

/** Returns true if mail needs nothing more of this record today. */
export const isRight = ({ status }: DomainRecord): boolean =>
  status === 'ok' || status === 'ok-external' || status === 'warning';

/** The DMARC policy in a few words. */
export function dmarcStage({ dmarc }: Domain): string {
  if (dmarc === null) return 'Not known yet';
  return { none: 'Monitoring', quarantine: 'Quarantine', reject: 'Reject' }[dmarc.p];
}
