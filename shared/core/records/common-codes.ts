/** The meaning of each code, for the API's documentation: part of a sentence, in Markdown. */
export type Codes = Readonly<Record<string, string>>;

/**
 * The faults of a record of any kind. They never reveal another tenant or that a label belongs to
 * one: each is `other-label`, but for those of the tenant's own earlier claims of the domain.
 */
export const commonCodes = {
  missing: 'nothing is there',
  'appended-domain': 'it is there at `name.domain.domain`: the DNS provider appended the domain',
  'wrong-name': 'it is there at a name that is one label off, which `observed` and `hint` show',
  'appended-domain-in-value': 'its value has the domain appended',
  'form-residue': 'its value has what a web form asked for around it: quotes, spaces, the type',
  wildcard: 'what answers is a wildcard record, not the record; it proves nothing',
  flattened: 'addresses instead of the CNAME: flattened, or behind the DNS provider’s proxy',
  'cname-beside-others': 'a CNAME beside records of other types, which DNS does not allow',
  'other-label': 'points to another name of this service, which is not yours',
  'old-label': 'points to your own earlier claim of this domain, which was deleted',
  'other-slot': 'points to another of your own records, or shows its key',
  'other-provider': 'points elsewhere, or shows the key of somebody else',
  'other-value': 'has another value',
  'name-fails':
    'the name servers fail at this name and answer for its neighbours: often a CNAME that leads back to itself',
} satisfies Codes;
export type CommonCode = keyof typeof commonCodes;

/** The faults of the whole domain. */
export const domainCodes = {
  'no-such-domain': 'the domain is not in the public DNS',
  'not-delegated': 'the name servers of the domain do not have its zone',
  'dnssec-bogus': 'resolvers that validate DNSSEC refuse the answers of the domain',
  'no-answer': 'DNS did not answer; nothing changes',
  preparing: 'its value is not known yet',
} satisfies Codes;
export type DomainCode = keyof typeof domainCodes;
