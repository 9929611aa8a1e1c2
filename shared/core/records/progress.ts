import type { RecordStatus } from '../model/check.ts';

/** How many records of one part of a list are right. */
interface Part {
  readonly right: number;
  readonly total: number;
}

/** How far a customer is with the records: those that sending waits for, and the others. */
export interface Progress {
  readonly required: Part;
  readonly recommended: Part;
}

interface Counted {
  readonly required: boolean;
  readonly status: RecordStatus;
}

/** Returns true if mail needs nothing more of a record today. */
export const isRight = ({ status }: Pick<Counted, 'status'>): boolean =>
  status === 'ok' || status === 'ok-external' || status === 'warning';

/** Counts the records that are right, required and recommended ones apart. */
export function progressOf(records: readonly Counted[]): Progress {
  const part = (required: boolean): Part => {
    const some = records.filter((record) => record.required === required);
    return { right: some.filter(isRight).length, total: some.length };
  };
  return { required: part(true), recommended: part(false) };
}
