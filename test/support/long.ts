/**
 * True if properties run in their long form, by `npm run test:long`, which finds one mix of faults
 * in a thousand. `npm test` runs the short one.
 */
export const isLong = process.env['LONG'] === '1';
