import type { RecordPurpose } from '#shared/core/records/kinds/index.ts';
import { anyKindCases } from './any-kind.ts';
import type { DiagnosisCase } from './case.ts';
import { dkimCases } from './dkim.ts';
import { dmarcCases, ownDmarcCases } from './dmarc.ts';
import { mailFromCases } from './mail-from.ts';
import { ownKeyCases } from './own-keys.ts';
import { sesCases } from './ses.ts';
import { spfCases } from './spf.ts';

const byKind = {
  // Of delegated domains only, which have tests of their own.
  delegation: [],
  dkim: [...dkimCases, ...ownKeyCases],
  'ses-identity': sesCases,
  'mail-from': mailFromCases,
  dmarc: [...dmarcCases, ...ownDmarcCases],
  spf: spfCases,
  // Of parked domains only, which have tests of their own.
  'null-mx': [],
} satisfies Record<RecordPurpose, readonly DiagnosisCase[]>;

/** Every mistake that is known by a code, as customers make it. */
export const diagnosisCases: readonly DiagnosisCase[] = [
  ...anyKindCases,
  ...Object.values(byKind).flat(),
];
