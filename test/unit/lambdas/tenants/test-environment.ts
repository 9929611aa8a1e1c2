import { randomBytes } from 'node:crypto';
import type { AuthorizerContext } from '#shared/api/http.ts';
import { createPlatform } from '../../../../cli/platforms.ts';
import { authorize } from '../../../../lambdas/authorizer/authorize.ts';
import { answer } from '../../../../lambdas/tenants/answer.ts';
import { MemoryAnswerStore } from '../../../fakes/answer-store.ts';
import { MemoryPlatformStore } from '../../../fakes/platform-store.ts';
import { MemoryTenantStore } from '../../../fakes/tenant-store.ts';
import { givenEvent } from '../../api/given-event.ts';

export interface PlatformAnswer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the route answers
  readonly body: any;
}

/** Two platforms and their routes, behind the authorizer. */
export async function givenPlatforms() {
  let now = new Date('2026-11-20T10:00:00.000Z');
  const tenants = new MemoryTenantStore();
  const ports = {
    answers: new MemoryAnswerStore(),
    tenants,
    platforms: new MemoryPlatformStore(tenants),
    heldMessages: {
      list: async () => ({ messages: [], cursor: undefined }),
      forget: async () => {},
    },
    outbound: { send: async () => {} },
    users: { userOf: async () => undefined },
    memberships: { of: async () => ({ memberships: [], wasRemoved: false }) },
    noteKeyUse: async () => {},
    clock: { now: () => now },
    random: { bytes: (size: number): Uint8Array => randomBytes(size) },
  };
  const shop = await createPlatform('shop', ports);
  const press = await createPlatform('press', ports);

  const identify = (
    key: string,
    { tenant, origin }: { tenant?: string; origin?: string } = {},
  ): Promise<AuthorizerContext | undefined> =>
    authorize({ authorization: `Bearer ${key}`, tenant, origin, address: '192.0.2.1' }, ports);

  async function ask(
    key: string,
    method: string,
    path: string,
    body?: unknown,
    fields: { tenant?: string; origin?: string } = {},
  ): Promise<PlatformAnswer> {
    const caller = await identify(key, fields);
    if (caller === undefined) return { status: 403, body: undefined };
    const [rawPath = '', query] = path.split('?');
    const event = givenEvent({
      method,
      path: rawPath,
      caller,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(query === undefined ? {} : { query: Object.fromEntries(new URLSearchParams(query)) }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const result = await answer(event, ports, (error) => {
      throw error;
    });
    return { status: result.statusCode as number, body: JSON.parse(result.body as string) };
  }

  return {
    ports,
    shop,
    press,
    identify,
    ask,
    pass: (milliseconds: number): void => {
      now = new Date(now.getTime() + milliseconds);
    },
  };
}

export type Platforms = Awaited<ReturnType<typeof givenPlatforms>>;
