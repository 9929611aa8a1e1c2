/** Identifies users of the dashboard by their access tokens. */
export interface UserTokens {
  /**
   * The user whose access token this is: their name in the user pool, and their groups.
   *
   * @returns undefined where it is no access token of ours, was tampered with, or has ended
   * @throws Error where that cannot be checked just now
   */
  userOf(
    token: string,
  ): Promise<{ readonly id: string; readonly groups: readonly string[] } | undefined>;
}
