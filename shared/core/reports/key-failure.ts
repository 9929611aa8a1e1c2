/** A key whose signatures receivers cannot verify, while they could those of the key before. */
export interface KeyFailure {
  readonly selector: string;
  readonly failed: number;
  readonly passed: number;
  /** The reporters who saw it, by their organisational domain. */
  readonly reporters: readonly string[];
}
