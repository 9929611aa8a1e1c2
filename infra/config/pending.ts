import * as z from 'zod';
import { PENDING_DAYS } from '#shared/runtime/pending.ts';
import { days } from './fields.ts';

/** How long the service waits for people who have yet to act. */
export const pending = z
  .strictObject({
    /** Days that a claim waits for its first record; then its own records go. */
    claimDays: days.default(PENDING_DAYS.claimDays),
    /** Days that a share link opens. */
    linkDays: days.default(PENDING_DAYS.linkDays),
  })
  .prefault({});
