import type { TimeSlots } from './time-slots.ts';

/**
 * The common rate of all rotation workers, which keeps them within their share of the account's
 * quotas: one slot for each rotation.
 */
export type RotationRateLimiter = TimeSlots;
