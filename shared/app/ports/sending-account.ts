/** What SES lets the account send, and how much of it is used; recipients. */
export interface SendQuota {
  readonly perSecond: number;
  /** -1 without a limit. */
  readonly perDay: number;
  readonly sentLastDay: number;
}

/** The account by which mail is sent, all tenants' alike. */
export interface SendingAccount {
  /**
   * Returns true while the account may send to verified addresses only; undefined while that is not
   * known. Never rejects, and hardly ever waits.
   */
  isSandboxed(): Promise<boolean | undefined>;
}
