/** Something that an operator should act on. */
export interface Finding {
  /** Names the check, for programs: `ses-sandbox`. */
  readonly check: string;
  /**
   * `stops`: the deployment would fail, or lose something. `hinders`: it works, and customers would
   * notice. `unknown`: it could not be read.
   */
  readonly severity: 'stops' | 'hinders' | 'unknown';
  /** What is so, in one sentence. */
  readonly says: string;
  /** What to do, in one sentence. */
  readonly todo: string;
}
