import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Domain } from '../api/client.ts';
import { DmarcView } from './dmarc-view.tsx';
import { SpfView } from './spf-view.tsx';

/** The DMARC policy and the SPF record that are hosted for a domain. */
export function PoliciesView({ domain }: { readonly domain: Domain }) {
  return (
    <SpaceBetween size="l">
      <DmarcView domain={domain} />
      <SpfView domain={domain} />
    </SpaceBetween>
  );
}
