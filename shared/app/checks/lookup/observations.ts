import type { Resolver } from '../../ports/resolver.ts';
import type { Lookup, RecordType } from '#shared/core/model/lookup.ts';

/**
 * One question to DNS, and whom it is put to.
 *
 * - `authoritative`: every server of the zone; the verdict is theirs.
 * - `above`: every server of the zone above: to whom it delegates the name.
 * - `recursive`: the resolvers in turn until one answers.
 * - `everywhere`: every resolver.
 */
export interface Question {
  readonly view: 'authoritative' | 'above' | 'recursive' | 'everywhere';
  readonly name: string;
  readonly type: RecordType;
}

/** The answers of DNS, by question. */
export type Observations = ReadonlyMap<string, readonly Lookup[]>;

const keyOf = ({ view, name, type }: Question): string => `${view} ${name} ${type}`;

/** Returns the answers to a question; none where no server answered or it was not asked. */
export const answersTo = (observations: Observations, question: Question): readonly Lookup[] =>
  observations.get(keyOf(question)) ?? [];

const failuresOf = ({ name, type }: Question): string => `failures ${name} ${type}`;

/**
 * Returns true if the domain's servers fail (SERVFAIL) at a name, while they answer for another:
 * then the fault is at this name, such as a CNAME that leads back to itself.
 */
export const failsAt = (observations: Observations, question: Question): boolean =>
  answersTo(observations, question).length === 0 &&
  (observations.get(failuresOf(question)) ?? []).length > 0 &&
  [...observations].some(
    ([key, answers]) => key.startsWith('authoritative ') && answers.length > 0,
  );

/** Puts questions to DNS, each once, all at a time; the resolver bounds what is under way. */
export async function observe(
  resolver: Resolver,
  questions: readonly Question[],
): Promise<Observations> {
  const distinct = new Map(questions.map((question) => [keyOf(question), question]));
  const asked = [...distinct].map(async ([key, question]) => {
    const answers = await ask(resolver, question);
    if (question.view !== 'authoritative' && question.view !== 'above') {
      return [[key, answers]] as const;
    }
    const failures = answers.filter(({ outcome }) => outcome === 'unknown');
    return [
      [key, answers.filter(({ outcome }) => outcome !== 'unknown')],
      [failuresOf(question), failures],
    ] as const;
  });
  return new Map((await Promise.all(asked)).flat());
}

async function ask(resolver: Resolver, { view, name, type }: Question): Promise<readonly Lookup[]> {
  switch (view) {
    case 'authoritative':
      return resolver.authoritative(name, type);
    case 'above':
      return resolver.delegatedTo(name);
    case 'recursive':
      return [await resolver.lookup(name, type)];
    case 'everywhere':
      return resolver.lookupEverywhere(name, type);
  }
}
