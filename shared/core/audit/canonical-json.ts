/** A value of JSON. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [field: string]: Json };

/**
 * Writes a value as the one text that RFC 8785 gives it, so that everybody who has the value computes
 * the same hash. Fields that are undefined are left out.
 */
export function canonicalJson(value: Json): string {
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => (field as Json | undefined) !== undefined)
    // RFC 8785 §3.2.3: by UTF-16 code units, which is how JavaScript compares strings.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
  return `{${fields.join(',')}}`;
}

export const isList = (value: unknown): value is readonly Json[] => Array.isArray(value);
