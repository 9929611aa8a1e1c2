export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
export const DAY_SECONDS = DAY_MS / 1_000;

/** Adds milliseconds to a time and returns ISO 8601. */
export const later = (time: string | Date, milliseconds: number): string =>
  new Date(new Date(time).getTime() + milliseconds).toISOString();
