import type { DomainName, Selector } from '../../../model/names.ts';
import { below, type HostedName } from '../../hosted-record.ts';

/** Returns the id of the record of a slot. */
export const slotId = (selector: Selector): string => `dkim-${selector}`;

/** Returns the customer's name of a slot (RFC 6376 §3.6.2.1). */
export const slotName = (selector: Selector, domain: DomainName): string =>
  `${selector}._domainkey.${domain}`;

/** Returns our name that a slot's record at the customer points at. */
export const hostedKeyName = (hostedName: HostedName, selector: Selector): string =>
  below(`${selector}._domainkey`, hostedName);
