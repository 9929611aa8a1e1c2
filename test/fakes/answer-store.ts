import {
  ANSWER_HOURS,
  RUN_SECONDS,
  type AnswerStore,
  type Begun,
  type RepeatableRequest,
  type StoredAnswer,
} from '#shared/app/ports/answer-store.ts';
import { HOUR_MS } from '#shared/core/time.ts';

interface Known {
  readonly fingerprint: string;
  readonly run: string;
  readonly runsUntil: number;
  readonly expiresAt: number;
  readonly answer?: StoredAnswer;
}

export class MemoryAnswerStore implements AnswerStore {
  readonly #known = new Map<string, Known>();
  /** Writes so far. */
  writes = 0;

  async begin(request: RepeatableRequest, now: Date): Promise<Begun> {
    const { fingerprint, run } = request;
    const time = now.getTime();
    const known = this.#known.get(keyOf(request));
    this.writes += 1;
    if (known !== undefined && known.expiresAt > time) {
      if (known.fingerprint !== fingerprint) return { kind: 'reused' };
      if (known.answer !== undefined) return { kind: 'answered', answer: known.answer };
      if (known.runsUntil > time) return { kind: 'running', until: known.runsUntil };
    }
    const runsUntil = time + RUN_SECONDS * 1_000;
    this.#known.set(keyOf(request), { fingerprint, run, runsUntil, expiresAt: runsUntil });
    return { kind: 'begun' };
  }

  async finish(request: RepeatableRequest, answer: StoredAnswer, now: Date): Promise<void> {
    const known = this.#known.get(keyOf(request));
    this.writes += 1;
    if (known?.run !== request.run) return;
    const expiresAt = now.getTime() + ANSWER_HOURS * HOUR_MS;
    this.#known.set(keyOf(request), { ...known, answer, expiresAt });
  }

  async release(request: RepeatableRequest): Promise<void> {
    this.writes += 1;
    if (this.#known.get(keyOf(request))?.run === request.run) this.#known.delete(keyOf(request));
  }
}

const keyOf = ({ owner, operation, key }: RepeatableRequest): string =>
  JSON.stringify([owner, operation, key]);
