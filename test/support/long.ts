/**
 * Whether properties are tried in their long form, by `npm run test:long`: what finds one mix of faults
 * in a thousand. `npm test` takes the short one.
 */
export const isLong = process.env['LONG'] === '1';
