const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });

/** Numbers of mails, as the reader writes them. */
export const number = new Intl.NumberFormat();

/** A share as a percentage; a dash where there was no mail. */
export const share = (rate: number | null): string => (rate === null ? '–' : percent.format(rate));
