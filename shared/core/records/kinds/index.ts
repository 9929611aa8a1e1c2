import { hostsNothing, type HostedPart } from '../hosted-record.ts';
import type { RecordKind } from '../kind.ts';
import { delegation } from './delegation.ts';
import { hostedKeys } from './dkim/hosted.ts';
import { dkim } from './dkim/index.ts';
import { hostedDmarc } from './dmarc/hosted.ts';
import { dmarc } from './dmarc/index.ts';
import { hostedMailFrom, mailFrom } from './mail-from.ts';
import { nullMx } from './null-mx.ts';
import { sesIdentity } from './ses.ts';
import { hostedSpf } from './spf/hosted.ts';
import { spf } from './spf/index.ts';

/**
 * Every kind of record by its purpose, in the order in which a customer's records are listed.
 *
 * This module has only literals: code that needs `hosted` alone must not bundle the kinds.
 */
export const kinds = {
  delegation,
  dkim,
  'ses-identity': sesIdentity,
  'mail-from': mailFrom,
  dmarc,
  spf,
  'null-mx': nullMx,
} satisfies Record<string, RecordKind>;
export type RecordPurpose = keyof typeof kinds;

/** The hosted part of each kind, in the order in which hosted records and codes are listed. */
export const hosted = {
  // Its name is in our zone beside the shards, and comes and goes with the zone of the domain.
  delegation: hostsNothing,
  dkim: hostedKeys,
  dmarc: hostedDmarc,
  spf: hostedSpf,
  'mail-from': hostedMailFrom,
  'ses-identity': hostsNothing,
  'null-mx': hostsNothing,
} satisfies Record<RecordPurpose, HostedPart>;
