/** The random id of a canary, 32 hexadecimal digits: nobody who did not send it can know it. */
export type CanaryId = string & { readonly __brand: 'CanaryId' };

/** @param octets 16 random ones */
export const canaryIdOf = (octets: Uint8Array): CanaryId =>
  Buffer.from(octets).toString('hex') as CanaryId;

const PREFIX = 'canary-';

/** The address that a canary is sent to; the host is that of DMARC reports, which takes mail in. */
export const canaryAddress = (id: CanaryId, host: string): string => `${PREFIX}${id}@${host}`;

/** Returns the ids of the canaries among addresses of mail that came in. */
export function canariesOf(addresses: readonly string[], host: string): CanaryId[] {
  const pattern = /^canary-([0-9a-f]{32})@(.+)$/;
  return addresses.flatMap((address) => {
    const [, id = '', at] = pattern.exec(address.toLowerCase()) ?? [];
    return at === host ? [canaryIdOf(Buffer.from(id, 'hex'))] : [];
  });
}
