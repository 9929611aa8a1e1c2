const DAY_MS = 86_400_000;

/** Returns the moment so many days from now, ISO 8601; in the past where negative. */
export const daysFromNow = (days: number): string =>
  new Date(Date.now() + days * DAY_MS).toISOString();
