import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';
import type { Domain, DomainInShort, DomainRecord } from '../api/client.ts';

type Indicator = readonly [type: StatusIndicatorProps.Type, text: string];

const domainIndicators: Record<Domain['status'], Indicator> = {
  pending: ['pending', 'Waiting for records'],
  verified: ['success', 'Verified'],
  'at-risk': ['warning', 'At risk'],
  lost: ['error', 'Lost'],
};

export function DomainStatus({
  domain,
}: {
  readonly domain: Pick<Domain, 'status' | 'lifecycle'>;
}) {
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
  held: ['pending', 'Waiting for the operator of the service'],
  none: ['stopped', 'Parked: sends nothing'],
};

export function SendingStatus({ domain }: { readonly domain: Domain }) {
  const [type, text]: Indicator =
    domain.lifecycle === 'deleting' ? ['stopped', 'Stopped'] : sendingIndicators[domain.sending];
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}

/** Returns true if mail needs nothing more of this record today. */
export const isRight = ({ status }: DomainRecord): boolean =>
  status === 'ok' || status === 'ok-external' || status === 'warning';

/** The DMARC policy in a few words. */
export const dmarcStage = ({ dmarc }: Domain): string => stageOf(dmarc?.p ?? null);

/** @param policy null where it is not known yet */
export const stageOf = (policy: DomainInShort['dmarc']): string =>
  policy === null
    ? 'Not known yet'
    : { none: 'Monitoring', quarantine: 'Quarantine', reject: 'Reject' }[policy];
