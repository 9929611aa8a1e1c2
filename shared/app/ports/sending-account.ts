/** The account by which mail is sent, all tenants' alike. */
export interface SendingAccount {
  /**
   * Returns true while the account may send to verified addresses only; undefined while that is not
   * known. Never rejects, and hardly ever waits.
   */
  isSandboxed(): Promise<boolean | undefined>;
}
