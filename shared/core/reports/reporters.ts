import { organizationOf, areAligned } from './row.ts';

/** The evidence of a mail's origin. */
export interface MailOrigin {
  /** The addresses in its one From field, lower case; empty where it has none, or several fields. */
  readonly from: readonly string[];
  /** Its signatures that are valid and cover the whole body. */
  readonly signedBy: readonly string[];
  /** The domain of its MAIL FROM where SPF passed for it. */
  readonly sentBy: string | undefined;
}

/**
 * The reporter that a mail is proven to come from: its one author is a configured one, and DKIM or
 * SPF passes for a domain that is aligned with the author's, as DMARC has it.
 *
 * @param reporters addresses (`dmarc@example.com`) or domains (`example.com`: any address at it or
 *   below). An address is the safer one: many hosts sign other people's words with their own domain
 * @returns the author's organisational domain, so that one organization is one reporter
 */
export function reporterOf(
  { from, signedBy, sentBy }: MailOrigin,
  reporters: readonly string[],
): string | undefined {
  const [author, ...others] = from;
  if (author === undefined || others.length > 0) return undefined;
  const domain = author.slice(author.lastIndexOf('@') + 1);
  const configured = reporters.some((reporter) =>
    reporter.includes('@')
      ? author === reporter
      : domain === reporter || domain.endsWith(`.${reporter}`),
  );
  const proven = [...signedBy, ...(sentBy === undefined ? [] : [sentBy])];
  return configured && proven.some((one) => areAligned(one, domain))
    ? organizationOf(domain)
    : undefined;
}
