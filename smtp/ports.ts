import type { Refusal } from '#shared/core/model/errors.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';

/** Who signed in: an API key, read again for every mail. */
export interface Identity {
  readonly tenant: TenantId;
  /** Settings of the key that its submissions begin with. */
  readonly strict: boolean;
  /** The domains that the key is for; absent: all of the tenant's. */
  readonly domains?: readonly DomainName[];
}

/** What an API key is allowed at the moment. */
export type SignIn =
  | { readonly kind: 'ok'; readonly identity: Identity }
  /** No key, or one that is revoked, has ended, is for other addresses, or may not send. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The tenant may not send now, or ever again. */
  | { readonly kind: 'suspended' | 'closed'; readonly identity: Identity };

/** A mail that was received whole. */
export interface ReceivedMail {
  readonly identity: Identity;
  readonly raw: Buffer;
  readonly recipients: readonly string[];
}

export interface Accepted {
  readonly id: string;
  /** The repairs that were made. */
  readonly repairs: number;
}

/** What the SMTP server needs of the service. */
export interface SmtpPorts {
  /** Reads a key. @param address of the client @throws Error where the key store is out */
  signIn(key: string, address: string): Promise<SignIn>;
  /** Checks one recipient as RCPT gives it. @returns the address to send to @throws Refusal */
  recipient(address: string): string;
  /** Checks a header before its body has come. @returns why the mail will be refused */
  checkHeader(identity: Identity, header: Buffer): Promise<Refusal | undefined>;
  /** Submits a mail through the use case of all channels. @throws Refusal */
  submit(mail: ReceivedMail): Promise<Accepted>;
}

/** One line for each event of a session; never a key, an address of a recipient or a mail. */
export interface SmtpLog {
  accepted(event: { session: string; tenant: string; message: string; octets: number }): void;
  refused(event: { session: string; tenant?: string; reply: string }): void;
  failed(event: { session: string; tenant?: string; during: string }, error: unknown): void;
}
