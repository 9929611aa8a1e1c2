/** The signed-in user, with the credentials that the API takes. It lives in memory only. */
export interface Identity {
  readonly name: string;
  readonly token: () => Promise<string>;
  /** Signs out elsewhere too, where there is an elsewhere. */
  readonly leave?: () => void;
}
