import { sha256Hex } from '#shared/core/digest.ts';
import { isList, type Json } from './canonical-json.ts';

/** The SHA-256 of a salt and a value, in the place of the value. */
export interface Commitment {
  readonly commitment: string;
}

/** A personal value, beside the entry and outside its hash, until it is erased. */
export interface PersonalValue {
  /** 128 random bits, hex: without it nobody finds the value by trying. */
  readonly salt: string;
  readonly value: string;
}

/** The personal values of an entry, by their commitment. */
export type PersonalValues = Readonly<Record<string, PersonalValue>>;

/** A text that is about a person, though it has no `@`. */
export class Personal {
  readonly value: string;

  constructor(value: string) {
    this.value = value;
  }
}

/** A value in which personal texts are marked. */
export type Marked =
  | Json
  | Personal
  | undefined
  | readonly Marked[]
  | { readonly [field: string]: Marked };

export const commitmentOf = ({ salt, value }: PersonalValue): string =>
  sha256Hex(`${salt}\n${value}`);

/**
 * Puts commitments in the place of personal texts: those that are marked, and all that have an `@`,
 * since an email address must not be forgotten.
 *
 * @param newSalt 128 random bits, hex
 */
export function withCommitments(
  value: Marked,
  newSalt: () => string,
): { readonly value: Json; readonly personal: PersonalValues } {
  const personal: Record<string, PersonalValue> = {};
  const commit = (text: string): Json => {
    const made = { salt: newSalt(), value: text };
    const commitment = commitmentOf(made);
    personal[commitment] = made;
    return { commitment };
  };
  const replaced = (one: Marked): Json => {
    if (one instanceof Personal) return commit(one.value);
    if (typeof one === 'string') return one.includes('@') ? commit(one) : one;
    if (isList(one)) return one.map(replaced);
    if (typeof one !== 'object' || one === null) return one ?? null;
    return Object.fromEntries(
      Object.entries(one)
        .filter(([, field]) => field !== undefined)
        .map(([name, field]) => [name, replaced(field)]),
    );
  };
  return { value: replaced(value), personal };
}

/** What is shown in the place of a personal text that was erased. */
export const ERASED = '[erased]';

/** Puts personal texts in the place of their commitments, or `[erased]`. */
export function withoutCommitments(value: Json, personal: PersonalValues): Json {
  if (isList(value)) return value.map((one) => withoutCommitments(one, personal));
  if (typeof value !== 'object' || value === null) return value;
  if (isCommitment(value)) return personal[value.commitment]?.value ?? ERASED;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, withoutCommitments(field, personal)]),
  );
}

const isCommitment = (value: object): value is Commitment =>
  'commitment' in value && typeof value.commitment === 'string' && Object.keys(value).length === 1;
