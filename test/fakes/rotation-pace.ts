import type { RotationPace } from '#shared/app/ports/rotation-pace.ts';

/** The pace of the rotation in memory. */
export class MemoryRotationPace implements RotationPace {
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
