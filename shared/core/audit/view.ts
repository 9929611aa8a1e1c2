import { canonicalJson } from './canonical-json.ts';
import { Personal, type Marked } from './personal.ts';

/** What the audit log has of a thing: its fields by their names, without secrets. */
export type View = Readonly<Record<string, Marked>>;

/** One field before and after; null where it was or is absent. */
export interface MarkedChange extends Readonly<Record<string, Marked>> {
  readonly field: string;
  readonly before: Marked;
  readonly after: Marked;
}

/** Lists the fields that differ, by name; all of them where a side is absent. */
export function differences(before: View = {}, after: View = {}): MarkedChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .toSorted()
    .map((field) => ({ field, before: before[field] ?? null, after: after[field] ?? null }))
    .filter((one) => textOf(one.before) !== textOf(one.after));
}

/** A text that is the same for the same value. */
const textOf = (value: Marked): string => canonicalJson(plain(value));

function plain(value: Marked): Parameters<typeof canonicalJson>[0] {
  if (value instanceof Personal) return { personal: value.value };
  if (Array.isArray(value)) return (value as readonly Marked[]).map(plain);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, Marked>>).map(([name, one]) => [
      name,
      plain(one),
    ]),
  );
}
