import { StoredItemError } from '#shared/core/model/errors.ts';

/** An item as DynamoDB gives it. */
export type Item = Record<string, unknown>;

/**
 * Checks that a stored value is a `T`: returns the path of the first field that is not (`''` for
 * the value itself), or undefined. Undeclared fields are left alone.
 *
 * `of` is never set. It keeps the types apart: a check that asks for a field does not do for one
 * that may be absent, and one that knows half the values of a union does not do for the union.
 */
export interface Check<in out T> {
  (value: unknown): string | undefined;
  readonly of?: (value: T) => T;
}

const wrong = '';
const isText = (value: unknown) => (typeof value === 'string' ? undefined : wrong);
const isNumber = (value: unknown) => (typeof value === 'number' ? undefined : wrong);
const isFlag = (value: unknown) => (typeof value === 'boolean' ? undefined : wrong);
const isBytes = (value: unknown) => (value instanceof Uint8Array ? undefined : wrong);
const isAnything = () => undefined;

/** A string; brands are trusted, since only their parsers made what was stored. */
export const text = <T extends string = string>(): Check<T> => isText;
export const number: Check<number> = isNumber;
export const flag: Check<boolean> = isFlag;
/** True, of a field that is else absent. */
export const yes: Check<true> = (value) => (value === true ? undefined : wrong);
export const bytes: Check<Uint8Array> = isBytes;
export const anything: Check<unknown> = isAnything;

/** One of these strings, which are all that the type has. */
export function oneOf<const T extends string>(...values: readonly T[]): Check<T> {
  const known = new Set<unknown>(values);
  return (value) => (known.has(value) ? undefined : wrong);
}

/** Accepts a value that may be absent. */
export const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value) =>
    value === undefined ? undefined : check(value);

/** Accepts a value that satisfies one check or the other. */
export const either =
  <A, B>(one: Check<A>, other: Check<B>): Check<A | B> =>
  (value) =>
    one(value) === undefined ? undefined : other(value);

/** Accepts a value that satisfies both checks. */
export const both =
  <A, B>(one: Check<A>, other: Check<B>): Check<A & B> =>
  (value) =>
    one(value) ?? other(value);

/** The checks of all fields of a type, those that may be absent included. */
export type Fields<T> = { readonly [K in keyof T]-?: Check<T[K]> };

/** An object with these fields. */
export function object<T extends object>(fields: Fields<T>): Check<T> {
  const checks = Object.entries(fields) as [string, (value: unknown) => string | undefined][];
  return (value) => {
    if (typeof value !== 'object' || value === null) return wrong;
    for (const [name, check] of checks) {
      const found = check((value as Item)[name]);
      if (found !== undefined) return under(name, found);
    }
    return undefined;
  };
}

/** A list of any length. */
export const listOf =
  <T>(check: Check<T>): Check<readonly T[]> =>
  (value) => {
    if (!Array.isArray(value)) return wrong;
    for (const [index, each] of value.entries()) {
      const found = check(each);
      if (found !== undefined) return under(String(index), found);
    }
    return undefined;
  };

/** A list of exactly three, or an empty one. */
export function noneOrThree<T>(check: Check<T>): Check<readonly [T, T, T]> {
  const list = listOf(check);
  return (value) =>
    list(value) ?? ([0, 3].includes((value as unknown[]).length) ? undefined : 'length');
}

/** An object whose keys are data. */
export const mapOf =
  <T>(check: Check<T>): Check<Readonly<Record<string, T>>> =>
  (value) => {
    if (typeof value !== 'object' || value === null) return wrong;
    for (const [name, each] of Object.entries(value)) {
      const found = check(each);
      if (found !== undefined) return under(name, found);
    }
    return undefined;
  };

const under = (name: string, found: string): string => (found === '' ? name : `${name}.${found}`);

/** The key of an item, for the error. */
export interface Place {
  readonly table: string;
  readonly key: Readonly<Record<string, unknown>>;
}

/**
 * Reads a value of a stored item.
 *
 * @returns the very value
 * @throws StoredItemError where it is not a `T`
 */
export function parse<T>(check: Check<T>, value: unknown, { table, key }: Place): T {
  const field = check(value);
  if (field !== undefined) throw new StoredItemError(table, key, field);
  return value as T;
}

/** Reads items whose key is `pk` and `sk`, which are no part of what they hold. */
export const keyedReader =
  <T>(table: string, check: Check<T>) =>
  ({ pk, sk, ...rest }: Item): T =>
    parse(check, rest, { table, key: { pk, sk } });

/** Reads items that are what they hold, their key included. */
export const wholeReader =
  <T>(table: string, check: Check<T>, keyNames: readonly string[]) =>
  (item: Item): T =>
    parse(check, item, {
      table,
      key: Object.fromEntries(keyNames.map((name) => [name, item[name]])),
    });
