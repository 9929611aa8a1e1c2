/** Signs with a key that never leaves where it is: RSASSA-PKCS1-v1_5 with SHA-256. */
export interface RequestSigner {
  /**
   * @param text ASCII, at most 4,096 octets
   * @throws Throttled where it has to be tried again later
   */
  sign(text: string): Promise<Uint8Array>;
}
