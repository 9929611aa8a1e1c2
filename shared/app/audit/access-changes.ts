import type { ApiKey, Tenant } from '#shared/app/ports/tenant-store.ts';
import type { Membership } from '#shared/app/ports/memberships.ts';
import type { Invitation } from '#shared/app/ports/user-store.ts';
import { Personal, type Marked } from '#shared/core/audit/personal.ts';
import type { Change } from '#shared/core/audit/entry.ts';
import type { View } from '#shared/core/audit/view.ts';
import type { ContactDetails } from '#shared/core/model/contact.ts';
import type { PageToken } from '#shared/core/model/page-token.ts';
import type { Platform, PlatformKey } from '#shared/core/model/platform.ts';
import { activeState } from '#shared/core/model/tenant-state.ts';

/** Changes of tenants, platforms, and of who may act for them. */

/** A person's name is personal as their address is. */
export const contactView = ({ email, name, language }: ContactDetails): Marked => ({
  email: new Personal(email),
  name: name === undefined ? undefined : new Personal(name),
  language,
});

type KnownTenant = Pick<Tenant, 'name'> & Partial<Tenant>;

function tenantView({ name, state, externalId, platform, contacts, brand }: KnownTenant): View {
  const { status, by, reason } = state ?? activeState;
  return {
    name,
    status,
    statusBy: by,
    statusReason: reason,
    platform,
    externalId,
    contacts: (contacts ?? []).map(contactView),
    brand: brand as Marked,
  };
}

export const tenantChange = (
  before: Tenant | undefined,
  after: KnownTenant & Pick<Tenant, 'id'>,
): Change => ({
  owner: after.id,
  subject: 'tenant',
  id: after.id,
  before: before && tenantView(before),
  after: tenantView(after),
});

/** A key by what people recognize it by; neither it nor its hash is in the log. */
function apiKeyView(key: ApiKey): View {
  const { hash: _hash, tenant: _tenant, createdAt: _createdAt, ...rest } = key;
  return rest;
}

export const apiKeyChange = (before: ApiKey | undefined, after: ApiKey): Change => ({
  owner: after.tenant,
  subject: 'api-key',
  id: after.hash,
  before: before && apiKeyView(before),
  after: apiKeyView(after),
});

export const platformChange = (before: Platform | undefined, after: Platform): Change => ({
  owner: after.id,
  subject: 'platform',
  id: after.id,
  before: before && platformView(before),
  after: platformView(after),
});

const platformView = ({ name, origins }: Platform): View => ({ name, origins: origins ?? [] });

export const platformKeyChange = (before: PlatformKey | undefined, after: PlatformKey): Change => ({
  owner: after.platform,
  subject: 'platform-key',
  id: after.hash,
  before: before && platformKeyView(before),
  after: platformKeyView(after),
});

const platformKeyView = ({ prefix, revokedAt }: PlatformKey): View => ({ prefix, revokedAt });

export const pageTokenChange = (after: PageToken): Change => {
  const { tenant, platform, hash, scopes, domains, origins, expiresAt } = after;
  return {
    owner: tenant,
    subject: 'page-token',
    id: hash,
    after: { platform, scopes, domains, origins, expiresAt },
  };
};

/** An invitation, whose address is all that is known of the person. */
export const invitationChange = (
  before: Invitation | undefined,
  after: Invitation | undefined,
): Change => {
  const { tenant, email } = (after ?? before) as Invitation;
  return {
    owner: tenant,
    subject: 'user',
    id: new Personal(email),
    before: before && invitationView(before),
    after: after && invitationView(after),
  };
};

const invitationView = ({ invitedAt, role, inviter }: Invitation): View => ({
  invitedAt,
  role,
  inviter,
});

/** A user's part in a tenant; ended it is gone. */
export const membershipChange = (before: Membership | undefined, after: Membership): Change => ({
  owner: after.tenant,
  subject: 'user',
  id: after.user,
  before: before?.endedAt === undefined ? before && membershipView(before) : undefined,
  after: after.endedAt === undefined ? membershipView(after) : undefined,
  // One who was a user before there were memberships has none stored that ends.
  ...(before === undefined && after.endedAt !== undefined ? { before: membershipView(after) } : {}),
});

const membershipView = ({ email, role }: Membership): View => ({
  email: new Personal(email),
  role,
});
