/** Who has signed in, with what the API takes from them. It lives in memory only. */
export interface Identity {
  readonly name: string;
  readonly token: () => Promise<string>;
  /** Signs out elsewhere too, where there is an elsewhere. */
  readonly leave?: () => void;
}
