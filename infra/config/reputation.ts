import * as z from 'zod';

const percentage = z
  .number('give a number')
  .min(0.01, 'give at least 0.01')
  .max(100, 'give at most 100');

/** The shares of recipients, in percent, from which on sending slows down and pauses. */
const limits = (slow: number, pause: number) =>
  z
    .strictObject({ slow: percentage.default(slow), pause: percentage.default(pause) })
    .refine(({ slow: first, pause: then }) => first <= then, 'slow must be at most pause')
    .prefault({});

/**
 * What becomes of a tenant, or of one of its domains, whose mail bounces for good or is reported as
 * spam, over 7 days and from 50 recipients on.
 */
export const reputation = z
  .strictObject({
    /** `enforce` slows down and pauses sending; `notify` only notifies the operator. */
    mode: z.enum(['enforce', 'notify'], { error: 'give enforce or notify' }).default('enforce'),
    bounces: limits(5, 10),
    complaints: limits(0.3, 1),
  })
  .prefault({});
