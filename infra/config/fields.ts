import * as z from 'zod';

const ldh = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const dnsLabel = new RegExp(`^${ldh}$`);
const dnsName = new RegExp(`^(?:${ldh}\\.)+${ldh}$`);
export const spfMechanism = new RegExp(
  `^(?:(?:include|a|mx|exists):(?:${ldh}\\.)+${ldh}|ip4:[0-9.]+(?:/[0-9]{1,2})?|ip6:[0-9a-f:.]+(?:/[0-9]{1,3})?)$`,
);

export const domain = z
  .string()
  .regex(dnsName, 'give a domain name in lower-case A-labels without a trailing dot');
export const label = z
  .string()
  .regex(dnsLabel, 'give one DNS label: 1 to 63 lower-case letters, digits and inner hyphens');
/** `address` or `address:port`, an IPv6 address with a port in brackets. */
export const resolver = z
  .string()
  .regex(
    /^(?:[0-9.]+(?::[0-9]{1,5})?|[0-9a-f:]+|\[[0-9a-f:]+\]:[0-9]{1,5})$/,
    'give an IP address, or address:port',
  );

/** `address@domain`, or a domain. */
export const reporter = z
  .string()
  .regex(
    new RegExp(`^(?:[a-z0-9._+-]{1,64}@)?(?:${ldh}\\.)+${ldh}$`),
    'give an address or a domain in lower case',
  );
export const atLeastOne = z.int('give a whole number').min(1, 'give at least 1');
export const days = atLeastOne.max(365, 'give at most 365');
