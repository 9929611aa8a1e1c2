/** The signed-in user, with the credentials that the API takes. It lives in memory only. */
export interface Identity {
  readonly name: string;
  readonly token: () => Promise<string>;
  /** True of a user, who may belong to several accounts. */
  readonly choosesAccount?: true;
  /** Signs out elsewhere too, where there is an elsewhere. */
  readonly leave?: () => void;
}
