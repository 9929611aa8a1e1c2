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

/** The day that the pages were read. */
export const READ = '2026-11-29';

/** Names the services that host names belong to (Apache 2.0). */
export const HOST_NAMES =
  'https://github.com/domainaware/parsedmarc/blob/68b93ed5803f88f9168fad8f0e7681303946c3c9/parsedmarc/resources/maps/base_reverse_dns_map.csv';

/** What holds for every service that signs for its customers (RFC 9989 §4.4). */
export const SIGN =
  'Set up its authentication of your own domain, so that it signs your mail with DKIM for that domain.';
