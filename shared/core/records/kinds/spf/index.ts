import { isParked } from '../../../model/claim.ts';
import { composeSpf } from '../../../spf/compose.ts';
import { isSpfRecord } from '../../../spf/record.ts';
import type { RecordKind } from '../../kind.ts';
import { codes, type SpfCode } from './codes.ts';
import { hostedSpfName } from './hosted.ts';
import { judgeSpf } from './advice.ts';
import { judgeParkedSpf } from './judge-parked.ts';
import { isMeantAsSpf } from './corrected-spf.ts';

/** The domain's own SPF record (RFC 7208), in which ours is included. */
export const spf = {
  title: 'SPF',
  codes,
  published: (claim) => [
    {
      id: 'spf',
      name: claim.domain,
      type: 'TXT',
      value: isParked(claim)
        ? `v=spf1 redirect=${hostedSpfName(claim)}`
        : composeSpf(claim.domain, [`include:${hostedSpfName(claim)}`], claim.spf.all ?? '~all'),
      required: false,
      why: isParked(claim)
        ? 'Says that no server sends for your domain.'
        : 'Says which servers send for your domain. Where the domain has an SPF record already, change that one: two records are an error.',
    },
  ],
  judge: (record, lookup, setting) =>
    record.value?.startsWith('v=spf1 redirect=')
      ? judgeParkedSpf(record, lookup)
      : judgeSpf(record, lookup, setting),
  isMeant: isMeantAsSpf,
  replaces: isSpfRecord,
  wrongNames: (_record, domain) => [`_spf.${domain}`, `www.${domain}`],
  isMerged: true,
  // Not over an unseen record, nor over one beyond merging: with a tree it has too many lookups, or
  // would have with our include.
  mayBeWritten: ({ status, code, spf: tree }) =>
    status === 'ok' || (tree === undefined && (code === 'missing' || code === 'spf-no-include')),
} satisfies RecordKind<SpfCode>;
