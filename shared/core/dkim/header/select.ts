import type { HeaderField } from '../../mail/parse.ts';

/**
 * Picks the fields that an `h=` list names (RFC 6376 §5.4.2): the instances of a name are taken
 * from the bottom of the header up; a name beyond its last instance selects no field.
 *
 * @param names lower-case names in the order of the list
 */
export function selectFields(
  fields: readonly HeaderField[],
  names: readonly string[],
): HeaderField[] {
  const instances = new Map<string, HeaderField[]>(names.map((name) => [name, []]));
  for (const field of fields) instances.get(field.name)?.push(field);
  return names.flatMap((name) => instances.get(name)?.pop() ?? []);
}
