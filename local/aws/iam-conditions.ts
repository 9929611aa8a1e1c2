import { UnsupportedPolicyError, matchesArn, matchesPattern, strings } from './iam-patterns.ts';

/** Judges a request by its condition keys, which are in lower case. */
export type Condition = (context: ReadonlyMap<string, readonly string[]>) => boolean;

interface Operator {
  readonly matches: (policyValue: string, requestValue: string) => boolean;
  /** The operator holds where nothing matches. */
  readonly negated: boolean;
}

const equals = (a: string, b: string): boolean => a === b;
const equalsIgnoringCase = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const OPERATORS: Readonly<Record<string, Operator>> = {
  ArnEquals: { matches: matchesArn, negated: false },
  ArnLike: { matches: matchesArn, negated: false },
  ArnNotEquals: { matches: matchesArn, negated: true },
  ArnNotLike: { matches: matchesArn, negated: true },
  Bool: { matches: equalsIgnoringCase, negated: false },
  StringEquals: { matches: equals, negated: false },
  StringEqualsIgnoreCase: { matches: equalsIgnoringCase, negated: false },
  StringLike: { matches: matchesPattern, negated: false },
  StringNotEquals: { matches: equals, negated: true },
  StringNotEqualsIgnoreCase: { matches: equalsIgnoringCase, negated: true },
  StringNotLike: { matches: matchesPattern, negated: true },
};

type Quantifier = 'ForAllValues' | 'ForAnyValue' | undefined;

interface ParsedOperator {
  readonly operator: Operator;
  readonly quantifier: Quantifier;
  readonly ifExists: boolean;
}

function parseOperator(text: string): ParsedOperator {
  const match = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(text);
  const operator = OPERATORS[match?.[2] ?? ''];
  if (match === null || operator === undefined) {
    throw new UnsupportedPolicyError(`the condition operator ${text} is not known`);
  }
  return {
    operator,
    quantifier: match[1] as Quantifier,
    ifExists: match[3] !== undefined,
  };
}

/**
 * Returns true if one value of the request satisfies the operator against all values of the policy.
 */
const holds = ({ matches, negated }: Operator, values: readonly string[], value: string): boolean =>
  values.some((candidate) => matches(candidate, value)) !== negated;

function comparison(parsed: ParsedOperator, key: string, values: readonly string[]): Condition {
  const { operator, quantifier, ifExists } = parsed;
  return (context) => {
    const present = context.get(key) ?? [];
    if (present.length === 0) {
      // A key that is not there fails a match, satisfies a negated one, and a statement about all of none.
      if (ifExists || quantifier === 'ForAllValues') return true;
      return quantifier === undefined && operator.negated;
    }
    const test = (value: string): boolean => holds(operator, values, value);
    const every = quantifier === 'ForAllValues' || (quantifier === undefined && operator.negated);
    return every ? present.every(test) : present.some(test);
  };
}

/** `Null: {key: true}` holds where the key is absent. */
function nullCondition(key: string, values: readonly string[]): Condition {
  const [wanted] = values;
  if (values.length !== 1 || (wanted !== 'true' && wanted !== 'false')) {
    throw new UnsupportedPolicyError(`Null of ${key} is neither true nor false`);
  }
  return (context) => ((context.get(key) ?? []).length === 0) === (wanted === 'true');
}

function checkKey(key: string, known: readonly string[]): void {
  if (known.some((pattern) => matchesPattern(pattern, key))) return;
  throw new UnsupportedPolicyError(`the condition key ${key} is not known here`);
}

/** Templates write true and false as JSON, too. */
const conditionValues = (value: unknown, key: string): readonly string[] => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return strings(
    list.map((item) => (typeof item === 'boolean' ? String(item) : item)),
    key,
  );
};

/**
 * Reads the Condition element of a statement; all conditions have to hold.
 * @param knownKeys patterns, in lower case, of the keys that requests are given
 * @throws UnsupportedPolicyError for an operator or a key that is not known
 */
export function parseConditions(element: unknown, knownKeys: readonly string[]): Condition[] {
  if (element === undefined) return [];
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    throw new UnsupportedPolicyError('Condition is not an object');
  }
  return Object.entries(element).flatMap(([operatorText, keys]) => {
    const isNull = operatorText === 'Null';
    const parsed = isNull ? undefined : parseOperator(operatorText);
    return Object.entries(keys as Readonly<Record<string, unknown>>).map(([name, value]) => {
      const key = name.toLowerCase();
      checkKey(key, knownKeys);
      const values = conditionValues(value, name);
      return parsed === undefined ? nullCondition(key, values) : comparison(parsed, key, values);
    });
  });
}
