import type { WorkerPorts } from '../../../../lambdas/rotation-worker/ports.ts';

type Calls = Record<string, Record<string, (...args: unknown[]) => Promise<unknown>>>;

/** The ports whose calls leave the worker. */
const calling = [
  'claims',
  'publications',
  'revokedKeys',
  'backlog',
  'runs',
  'rateLimiter',
  'resolver',
  'forge',
  'rotationQueue',
];

/** Puts a step of the test's own before and after each call of the worker's ports. */
export function around(
  ports: WorkerPorts,
  step: (name: string, call: () => Promise<unknown>) => Promise<unknown>,
): WorkerPorts {
  const wrapped: Record<string, unknown> = { ...ports };
  for (const port of calling) {
    const target = (ports as unknown as Calls)[port]!;
    wrapped[port] = new Proxy(target, {
      get:
        (_, method: string) =>
        (...args: unknown[]) =>
          step(`${port}.${method}`, () => target[method]!(...args)),
    });
  }
  return wrapped as unknown as WorkerPorts;
}

/** A worker that dies at its n-th call: before the call takes effect, or after. */
export class Mortal {
  readonly calls: string[] = [];
  dead = false;
  readonly ports: WorkerPorts;

  constructor(ports: WorkerPorts, dieAt: number, when: 'before' | 'after') {
    this.ports = around(ports, async (name, call) => {
      if (this.dead) throw new Error('dead');
      this.calls.push(name);
      const last = this.calls.length === dieAt;
      if (last && when === 'before') this.dead = true;
      const result = this.dead ? undefined : await call();
      if (last) this.dead = true;
      if (this.dead) throw new Error('dead');
      return result;
    });
  }
}
