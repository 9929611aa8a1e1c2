/** The time and the randomness that pure code is handed. */
export interface Clock {
  now(): Date;
}

export interface Random {
  /** `size` bytes fit for keys (a CSPRNG). */
  bytes(size: number): Uint8Array;
}
