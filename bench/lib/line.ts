/** One figure of a measurement. */
export interface Line {
  suite: string;
  /** The work measured: `2 KB clean`. */
  case: string;
  /** The program measured: `sender-domains`, or a peer's name. */
  subject: string;
  value: number;
  unit: string;
  /** Time over the physical limit measured in the same run, where there is one. */
  limitRatio?: number;
}

export interface Suite {
  run(emit: (line: Line) => void): Promise<void>;
}
