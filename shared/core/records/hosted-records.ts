import type { Claim } from '../model/claim.ts';
import type { Deployment } from '../model/deployment.ts';
import type { HostedRecord } from './hosted-record.ts';
import { hosted } from './kinds/index.ts';

/**
 * Everything that we publish for a claim: a pure function of it, so that publishing is desired
 * minus published and nothing else.
 *
 * - `live` and `deleting`: what each kind hosts. A self-hosted claim's too: any of the customer's
 *   names that does point here is right, and moving either way loses nothing.
 * - `tombstone`: the same names, for as long as the customer's records may point at them, with
 *   texts that do no harm.
 * - `expired`: nothing.
 *
 * @throws Refusal `spf-too-long` where the SPF records would pass 450 octets
 */
export const hostedRecords = (claim: Claim, deployment: Deployment): HostedRecord[] =>
  claim.lifecycle === 'expired'
    ? []
    : Object.values(hosted).flatMap(({ records }) => records(claim, deployment));
