import { composeDmarc } from '../../../dmarc/record.ts';
import { reportsHost, type Deployment } from '../../../model/deployment.ts';
import type { Label } from '../../../model/names.ts';
import {
  below,
  hostedText,
  isGone,
  type HostedPart,
  type HostedName,
} from '../../hosted-record.ts';

/** Returns our name that the customer's DMARC record points at. */
export const hostedDmarcName = (hostedName: HostedName): string => below('_dmarc', hostedName);

/** Returns where aggregate reports of a claim's domain go. */
export const reportAddress = (label: Label, { zone }: Pick<Deployment, 'zone'>): string =>
  `mailto:${label}@${reportsHost(zone)}`;

/**
 * The DMARC record of a claim, once its policy is known. Our own report address comes first: some
 * receivers report to the first one or two only. A retired claim keeps its policy, since dropping
 * it would weaken the domain, but loses our address, which has no reader any more; so does any claim
 * of a deployment that receives no reports.
 */
export const hostedDmarc: HostedPart = {
  most: 1,
  records: (claim, deployment) => {
    const { dmarc, label } = claim;
    if (dmarc === undefined) return [];
    const isRead = !isGone(claim) && deployment.receivesReports !== false;
    const ours = isRead ? [reportAddress(label, deployment)] : [];
    const rua = [...new Set([...ours, ...(dmarc.rua ?? [])])];
    return [hostedText(hostedDmarcName(claim), composeDmarc({ ...dmarc, rua }))];
  },
};
