/** Tells who users of the dashboard are by the access tokens that they hold. */
export interface UserTokens {
  /**
   * The groups of the user whose access token this is.
   *
   * @returns undefined where it is no access token of ours, was tampered with, or has ended
   * @throws Error where that cannot be told just now
   */
  groupsOf(token: string): Promise<readonly string[] | undefined>;
}
