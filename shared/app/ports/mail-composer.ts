/** A mailbox: an address, with a display name or without. */
export interface Mailbox {
  readonly address: string;
  readonly name?: string | undefined;
}

/** A file in a mail. */
export interface Attachment {
  readonly filename: string;
  readonly content: Buffer;
  /** Without it, by the ending of the file name. */
  readonly contentType?: string | undefined;
  /** The Content-ID, without angle brackets, by which HTML shows the file. */
  readonly contentId?: string | undefined;
}

/** A mail by its fields. No text but `text` and `html` has a control character. */
export interface MailFields {
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
  readonly subject: string;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly attachments: readonly Attachment[];
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

/** Makes the octets of a mail (RFC 5322, MIME) from its fields. */
export type ComposeMail = (mail: MailFields) => Promise<Buffer>;
