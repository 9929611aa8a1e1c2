/** RFC 7208 §3.4: a name and all its TXT text together should stay within this, for answers over UDP. */
const MAX_OCTETS = 450;

/**
 * Composes an SPF record (RFC 7208 §4.5): the mechanisms, each with the qualifier `+`, then `all`.
 *
 * @param name the full name the record is published at; it counts against the size
 * @param all `~all` (anything else soft-fails) or `?all` (says nothing of anything else)
 * @throws RangeError where name and text together would pass 450 octets
 */
export function composeSpf(
  name: string,
  mechanisms: readonly string[],
  all: '~all' | '?all',
): string {
  const text = ['v=spf1', ...new Set(mechanisms), all].join(' ');
  const octets = name.length + text.length;
  if (octets > MAX_OCTETS) {
    throw new RangeError(
      `the SPF record at ${name} would take ${octets} octets with its name, of ${MAX_OCTETS} at most; give fewer mechanisms`,
    );
  }
  return text;
}
