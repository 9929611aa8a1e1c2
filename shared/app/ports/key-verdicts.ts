import type { KeyVerdict } from '#shared/core/model/key-verdict.ts';
import type { Label } from '#shared/core/model/names.ts';

/** The verdicts of the keys that sign, shared by all signers. */
export interface KeyVerdicts {
  /** Returns the last verdict of a claim's signing key; undefined where there is none yet. */
  verdict(label: Label): Promise<KeyVerdict | undefined>;
  /** Notes a verdict, unless a later one is there. */
  noteVerdict(label: Label, verdict: KeyVerdict): Promise<void>;
}
