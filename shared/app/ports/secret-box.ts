/** A secret's owner and use, which it is bound to while it is sealed. */
export interface SecretContext {
  readonly purpose: 'webhook' | 'answer';
  readonly tenant: string;
  /** The webhook, or the request. */
  readonly id: string;
}

/** Seals secrets for rest by a key that no table has. */
export interface SecretBox {
  /** @throws Throttled */
  seal(secret: string, context: SecretContext): Promise<Uint8Array>;
  /**
   * @throws Throttled
   * @throws Error where it was not sealed with this context, or is damaged
   */
  open(sealed: Uint8Array, context: SecretContext): Promise<string>;
}
