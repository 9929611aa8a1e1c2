/** A service that sends mail for domains of its customers, or forwards mail to them. */
export interface MailService {
  readonly name: string;
  /** Domains that its customers include in their SPF records. */
  readonly includes: readonly string[];
  /** Registrable domains of its hosts, its MAIL FROM and its own DKIM signatures. */
  readonly domains: readonly string[];
  /** How its mail comes to pass DMARC for the customer's domain; one sentence. */
  readonly align: string;
  /** The page that supports the entry. */
  readonly source: string;
  /** The day that the page was read. */
  readonly read: string;
  /** True if it passes on mail that others sent. */
  readonly forwards?: true;
}
