/** An address as octets: 4 for IPv4, 16 for IPv6. */
export type IpAddress = Uint8Array;

/**
 * Parses an IPv4 or IPv6 address; an IPv4-mapped one (`::ffff:192.0.2.1`) is the IPv4 address
 * (RFC 7208 §5).
 *
 * @returns undefined where the text is no address
 */
export function parseIp(text: string): IpAddress | undefined {
  const address = text.includes(':') ? parseIp6(text) : parseIp4(text);
  if (address?.length !== 16) return address;
  const mapped =
    address.subarray(0, 10).every((octet) => octet === 0) &&
    address[10] === 255 &&
    address[11] === 255;
  return mapped ? address.slice(12) : address;
}

/** Dotted quad without leading zeros; undefined where the text is none. */
export function parseIp4(text: string): IpAddress | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const octets = parts.map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  return octets.every((octet) => octet < 256) ? Uint8Array.from(octets) : undefined;
}

/** RFC 4291 §2.2, the dotted-quad ending included; undefined where the text is none. */
export function parseIp6(text: string): IpAddress | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => groups(half, index === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [
    ...head,
    ...Array<number>(tail === undefined ? 0 : missing).fill(0),
    ...(tail ?? []),
  ];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 255]));
}

/** The 16-bit groups of one side of `::`; undefined where one is malformed. The last side may end in a dotted quad. */
function groups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const numbers: number[] = [];
  for (const [index, part] of parts.entries()) {
    const quad = last && index === parts.length - 1 ? parseIp4(part) : undefined;
    if (quad !== undefined) numbers.push((quad[0]! << 8) | quad[1]!, (quad[2]! << 8) | quad[3]!);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) numbers.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return numbers;
}

/** Returns true if an address is in a network; addresses of the other family never are. */
export function isInNetwork(address: IpAddress, network: IpAddress, prefix: number): boolean {
  if (address.length !== network.length) return false;
  const whole = prefix >> 3;
  for (let index = 0; index < whole; index += 1)
    if (address[index] !== network[index]) return false;
  const rest = prefix & 7;
  return rest === 0 || (address[whole]! ^ network[whole]!) >> (8 - rest) === 0;
}

/** The form of `%{i}`: dotted quad, or dot-separated nibbles (RFC 7208 §7.3). */
export function dottedIp(address: IpAddress): string {
  if (address.length === 4) return address.join('.');
  return [...address]
    .flatMap((octet) => [octet >> 4, octet & 15].map((nibble) => nibble.toString(16).toUpperCase()))
    .join('.');
}

/** A readable form, the one of `%{c}`: dotted quad, or IPv6 with its longest run of zeros shortened (RFC 5952). */
export function formatIp(address: IpAddress): string {
  if (address.length === 4) return address.join('.');
  const hex = Array.from({ length: 8 }, (_, index) =>
    ((address[index * 2]! << 8) | address[index * 2 + 1]!).toString(16),
  );
  const run = longestZeroRun(hex);
  if (run.length < 2) return hex.join(':');
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(hex: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < hex.length; start += 1) {
    let length = 0;
    while (hex[start + length] === '0') length += 1;
    if (length > best.length) best = { start, length };
  }
  return best;
}
