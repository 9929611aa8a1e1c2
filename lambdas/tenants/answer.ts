import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { credentialOf } from '#shared/api/http.ts';
import { tenants, type PlatformDocument, type TenantDocument } from '#shared/api/routes/tenants.ts';
import type { PlatformTenant } from '#shared/app/ports/platform-store.ts';
import type { Tenant } from '#shared/app/ports/tenant-store.ts';
import { createPlatformTenant } from '#shared/app/tenants/create-tenant.ts';
import * as states from '#shared/app/tenants/tenant-state.ts';
import type { PlatformId, TenantId } from '#shared/core/model/names.ts';
import { hashPlatformKey, type Platform } from '#shared/core/model/platform.ts';
import { activeState, isOperatorsDecision } from '#shared/core/model/tenant-state.ts';
import { changeOrigins, requirePlatform } from './change-platform.ts';
import { changeTenant } from './change-tenant.ts';
import { createToken } from './create-token.ts';
import type { TenantRoutePorts } from './ports.ts';
import { requireTenant } from './require-tenant.ts';

const useCases = {
  async createTenant({ platform, body }, ports) {
    return documentOf(await createPlatformTenant({ platform, ...body }, ports));
  },

  async listTenants({ platform, query: { cursor, limit } }, { platforms }) {
    const page = await platforms.tenants(platform, {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { tenants: page.tenants.map(documentOf), cursor: page.cursor ?? null };
  },

  async getTenant({ platform, params: { id } }, ports) {
    return documentOf(await requireTenant(platform, id, ports));
  },

  async changeTenant({ platform, params: { id }, body }, ports) {
    return documentOf(await changeTenant(platform, id, body, ports));
  },

  suspendTenant: ({ body: { reason }, ...call }, ports) =>
    decide(call, ports, (id) => states.suspendTenant({ id, by: 'platform', reason }, ports)),

  resumeTenant: ({ body, ...call }, ports) =>
    decide(call, ports, (id) => states.resumeTenant({ id, by: 'platform' }, body, ports)),

  closeTenant: ({ body: { reason }, ...call }, ports) =>
    decide(call, ports, (id) => states.closeTenant({ id, by: 'platform', reason }, ports)),

  async createToken({ event, platform, params: { id }, body }, ports) {
    const madeBy = hashPlatformKey(credentialOf(event));
    const { token, stored } = await createToken({ platform, madeBy, tenant: id, ...body }, ports);
    const { tenant, scopes, domains, origins, expiresAt } = stored;
    return {
      token,
      tenant,
      scopes: [...scopes],
      domains: domains === undefined ? null : [...domains],
      origins: [...origins],
      expiresAt,
    };
  },

  async getPlatform({ platform }, ports) {
    return platformDocument(await requirePlatform(platform, ports));
  },

  async changePlatform({ platform, body: { origins } }, ports) {
    return platformDocument(await changeOrigins(platform, origins, ports));
  },
} satisfies UseCases<'tenants', TenantRoutePorts>;

/** Answers a request of a platform about its tenants. */
export const answer = dispatcher<'tenants', TenantRoutePorts>(tenants, useCases);

interface OfTenant {
  readonly platform: PlatformId;
  readonly params: { readonly id: string };
}

async function decide(
  { platform, params }: OfTenant,
  ports: TenantRoutePorts,
  decision: (id: TenantId) => Promise<states.Decided>,
): Promise<TenantDocument> {
  const before = await requireTenant(platform, params.id, ports);
  const { tenant } = await decision(before.id);
  return documentOf({ ...before, state: tenant.state });
}

const documentOf = (tenant: PlatformTenant): TenantDocument => {
  const { id, externalId, name, contacts = [], brand, createdAt } = tenant;
  const state = tenant.state ?? activeState;
  return {
    id,
    externalId,
    name,
    status: state.status,
    statusSince: state.since ?? null,
    statusReason: state.reason ?? null,
    statusBy: deciderOf(state),
    contacts: contacts.map((one) => ({ ...one })),
    brand: brand ?? null,
    createdAt,
  };
};

const deciderOf = (state: NonNullable<Tenant['state']>): TenantDocument['statusBy'] => {
  if (state.status === 'active') return null;
  return isOperatorsDecision(state) ? 'operator' : 'platform';
};

const platformDocument = ({ id, name, origins = [], createdAt }: Platform): PlatformDocument => ({
  id,
  name,
  origins: [...origins],
  createdAt,
});
