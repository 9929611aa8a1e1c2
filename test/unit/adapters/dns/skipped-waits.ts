import { setImmediate as turn } from 'node:timers/promises';
import { vi } from 'vitest';
import type { ScriptedServer } from './scripted-server.ts';

/** Turns of the event loop in which all that servers of this process send has come: each datagram takes two. */
const TURNS = 50;

/**
 * Lets time-outs end as soon as nothing more is coming, so that silence is not waited for, and a
 * machine that is busy does not take an answer for silence.
 *
 * @param servers all that the work may ask
 * @returns the result, and the milliseconds that the time-outs would have taken
 */
export async function skippingWaits<Result>(
  servers: readonly ScriptedServer[],
  work: () => Promise<Result>,
): Promise<{ result: Result; waited: number }> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  try {
    const began = Date.now();
    const state = { done: false };
    const working = work().finally(() => (state.done = true));
    // Awaited below.
    working.catch(() => {});
    while (!state.done) {
      await settled(servers);
      if (!state.done) vi.advanceTimersToNextTimer();
    }
    return { result: await working, waited: Date.now() - began };
  } finally {
    vi.useRealTimers();
  }
}

/** Resolves after so many turns in which no server was asked anything. */
async function settled(servers: readonly ScriptedServer[]): Promise<void> {
  const askedOf = (): number => servers.reduce((sum, { asked }) => sum + asked.length, 0);
  let asked = askedOf();
  for (let left = TURNS; left > 0; left -= 1) {
    await turn();
    if (askedOf() === asked) continue;
    asked = askedOf();
    left = TURNS;
  }
}
