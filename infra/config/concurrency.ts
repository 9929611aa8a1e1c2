import * as z from 'zod';

const kept = z
  .int('give a whole number')
  .min(0, 'give at least 0')
  .max(1000, 'give at most 1000')
  .default(0);

/**
 * Calls at once that Lambda keeps for functions that nothing else of the account may use up: 0 keeps
 * none. Lambda refuses to keep what leaves fewer than 100 for all others, and a new account often has
 * 10 in all, so the default keeps none; 50 and 100 are right for an account with 1,000.
 */
export const concurrency = z.strictObject({ authorizer: kept, messages: kept }).prefault({});
