import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Domain } from '../api/client.ts';
import { DmarcHistory } from './dmarc-history.tsx';
import { DmarcPlan } from './dmarc-plan.tsx';
import { DmarcView } from './dmarc-view.tsx';
import { SpfView } from './spf-view.tsx';

/** The DMARC policy, the plan that raises it, and the SPF record that are hosted for a domain. */
export default function PoliciesView({ domain }: { readonly domain: Domain }) {
  const { dmarc, purpose } = domain;
  // Of a parked domain only the policy changes.
  const sends = purpose === 'sending';
  return (
    <SpaceBetween size="l">
      <DmarcView domain={domain} />
      {sends && dmarc !== null && <DmarcPlan domain={domain} dmarc={dmarc} />}
      {dmarc !== null && <DmarcHistory history={dmarc.history} />}
      {sends && <SpfView domain={domain} />}
    </SpaceBetween>
  );
}
