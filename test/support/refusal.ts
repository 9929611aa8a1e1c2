import { Refusal } from '#shared/core/model/errors.ts';

/** Returns the refusal that an act ends in. @throws Error where it ends otherwise */
export function refusalOf(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
