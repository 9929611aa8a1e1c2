/** Tells who users of the dashboard are by the access tokens that they hold. */
export interface UserTokens {
  /**
   * The user whose access token this is: their name in the user pool, and their groups.
   *
   * @returns undefined where it is no access token of ours, was tampered with, or has ended
   * @throws Error where that cannot be told just now
   */
  userOf(
    token: string,
  ): Promise<{ readonly id: string; readonly groups: readonly string[] } | undefined>;
}
