import { describe, expect, test } from 'vitest';
import { maintainAll } from '../../../../lambdas/identities/maintain.ts';
import type { IdentityPorts } from '../../../../lambdas/identities/ports.ts';
import { A, B, Service } from './test-environment.ts';

const outage = () =>
  Object.assign(new Error('internal'), { $fault: 'server', $metadata: { httpStatusCode: 500 } });

/** A port whose every call fails. */
const out = <T extends object>(port: T): T =>
  new Proxy(port, {
    get: (target, name) =>
      typeof Reflect.get(target, name) === 'function'
        ? () => Promise.reject(outage())
        : (Reflect.get(target, name) as unknown),
  });

/** Ports of which some are out. */
function without(ports: IdentityPorts, ...names: readonly (keyof IdentityPorts)[]): IdentityPorts {
  const replaced = names.map((name) => [name, out(ports[name] as object)]);
  return { ...ports, ...(Object.fromEntries(replaced) as Partial<IdentityPorts>) };
}

async function given(): Promise<{ service: Service; bodies: string[]; deadline: number }> {
  const service = new Service();
  await service.claim(A);
  await service.claim(B);
  const bodies = service.waiting.splice(0).map(({ body }) => body);
  return { service, bodies, deadline: service.now() + 45_000 };
}

describe.each(['claims', 'identities', 'ses', 'turns'] as const)('while %s is out', (name) => {
  test('no message is returned: each is sent again with a delay, and works after', async () => {
    const { service, bodies, deadline } = await given();
    expect(await maintainAll(without(service.ports, name), bodies, deadline)).toEqual([]);
    expect(service.waiting).toHaveLength(2);
    for (const { at } of service.waiting) expect(at).toBeGreaterThan(Date.parse('2026-11-23'));

    await service.run();
    for (const domain of [A, B]) expect(service.identities.items.get(domain)?.stage).toBe('made');
  });

  test('messages come again by SQS only where the queue is out too', async () => {
    const { service, bodies, deadline } = await given();
    const ports = without(service.ports, name, 'queue');
    expect(await maintainAll(ports, bodies, deadline)).toEqual([0, 1]);
  });
});

test('a fault that waiting does not cure is none of these', async () => {
  const { service, bodies, deadline } = await given();
  const denied = new Error('not authorized');
  const claims = { ...service.ports.claims, getHeld: () => Promise.reject(denied) };
  const failing = maintainAll({ ...service.ports, claims }, bodies, deadline);
  await expect(failing).rejects.toThrow('not authorized');
});
