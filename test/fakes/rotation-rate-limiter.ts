import type { RotationRateLimiter } from '#shared/app/ports/rotation-rate-limiter.ts';

/** The rate of the rotation in memory. */
export class MemoryRotationRateLimiter implements RotationRateLimiter {
  #freeAt = 0;

  async reserve(count: number, intervalMs: number, now: number): Promise<number> {
    const from = Math.max(this.#freeAt, now);
    this.#freeAt = from + count * intervalMs;
    return from;
  }

  async hold(milliseconds: number, now: number): Promise<void> {
    this.#freeAt = Math.max(this.#freeAt, now) + milliseconds;
  }
}
