import type { FunctionDeclaration, LettersNotice } from '#shared/runtime/declaration.ts';
import { declarations } from '../../infra/functions.ts';

const declared = await declarations();

/** Returns the declaration of a function. */
export const declarationOf = (name: string): FunctionDeclaration | undefined =>
  declared.find((one) => one.name === name);

/** The messages of each queue, by the queue's name. */
export const messages: ReadonlyMap<string, string> = new Map(
  declared.flatMap(({ wokenBy }) =>
    'queue' in wokenBy
      ? [[`${wokenBy.queue.name}${wokenBy.queue.fifo ? '.fifo' : ''}`, wokenBy.queue.message]]
      : [],
  ),
);

/** The notice of each queue that people empty, by the queue's name. */
export const letters: ReadonlyMap<string, LettersNotice> = new Map(declared.flatMap(lettersOf));

function lettersOf({ name, wokenBy }: FunctionDeclaration): [string, LettersNotice][] {
  if ('failures' in wokenBy) return [[`${name}-failures`, wokenBy.failures]];
  if (!('queue' in wokenBy)) return [];
  const { name: queue, fifo, deadLetters, undelivered } = wokenBy.queue;
  return [
    [`${queue}-dead-letters${fifo ? '.fifo' : ''}`, deadLetters],
    ...(undelivered === undefined
      ? []
      : [[`${queue}-undelivered`, undelivered] as [string, LettersNotice]]),
  ];
}
