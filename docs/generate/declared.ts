import {
  type FunctionDeclaration,
  type LettersNotice,
  queuesOf,
} from '#shared/runtime/declaration.ts';
import { guardedChanges, undeliveredChanges } from '../../infra/constructs/guarded-changes.ts';
import { declarations } from '../../infra/functions.ts';

const declared = await declarations();

/** Returns the declaration of a function. */
export const declarationOf = (name: string): FunctionDeclaration | undefined =>
  declared.find((one) => one.name === name);

/** The messages of each queue, by the queue's name. */
export const messages: ReadonlyMap<string, string> = new Map(
  declared.flatMap(({ wokenBy }) =>
    queuesOf(wokenBy).map(({ name, fifo, message }) => [`${name}${fifo ? '.fifo' : ''}`, message]),
  ),
);

/** The notice of each queue that people empty, by the queue's name. */
export const letters: ReadonlyMap<string, LettersNotice> = new Map([
  ...declared.flatMap(lettersOf),
  [guardedChanges.name, guardedChanges],
  [undeliveredChanges.name, undeliveredChanges],
]);

function lettersOf(declaration: FunctionDeclaration): [string, LettersNotice][] {
  const { name, wokenBy } = declaration;
  if ('failures' in wokenBy) return [[`${name}-failures`, wokenBy.failures]];
  return queuesOf(wokenBy).flatMap(({ name: queue, fifo, deadLetters, undelivered }) => [
    [`${queue}-dead-letters${fifo ? '.fifo' : ''}`, deadLetters] as [string, LettersNotice],
    ...(undelivered === undefined
      ? []
      : [[`${queue}-undelivered`, undelivered] as [string, LettersNotice]]),
  ]);
}
