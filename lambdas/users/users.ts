import { digest128 } from '#shared/core/digest.ts';
import { retry, retryLimits } from '#shared/async/retry.ts';
import type { UserDocument } from '#shared/api/routes/users.ts';
import { BudgetExceeded, Refusal } from '#shared/core/model/errors.ts';
import { encodeRandom128, type TenantId } from '#shared/core/model/names.ts';
import { later } from '#shared/core/time.ts';
import type { Invitation } from '#shared/app/ports/user-store.ts';
import type { DirectoryUser } from '#shared/app/ports/user-directory.ts';
import type { UserPorts } from './ports.ts';

/** Users of a tenant, those invited too, at most. */
export const MOST_USERS = 100;

/** The caller. */
export interface Caller {
  readonly tenant: TenantId;
  /** Their name in the directory; undefined where an API key calls. */
  readonly user: string | undefined;
}

/** A user as the tenant sees them; one without a member is an invitation not taken up. */
interface Known {
  readonly document: UserDocument;
  readonly member: DirectoryUser | undefined;
}

/** A tenant's users and those it invited, by address. */
export async function listUsers(caller: Caller, ports: UserPorts): Promise<UserDocument[]> {
  return (await knownUsers(caller, ports)).map(({ document }) => document);
}

async function knownUsers(
  { tenant, user }: Caller,
  { directory, invitations }: UserPorts,
): Promise<Known[]> {
  const [members, invited] = await Promise.all([directory.members(tenant), invitations.of(tenant)]);
  const invitedAt = new Map(invited.map((one) => [one.email, one.invitedAt]));
  const known = members.map((member): Known => {
    const { id, email, state, createdAt } = member;
    const since = (state === 'invited' ? invitedAt.get(email) : undefined) ?? createdAt;
    const self = id === user;
    return { member, document: { id: userId(tenant, email), email, state, since, self } };
  });
  const taken = new Set(members.map(({ email }) => email));
  const open = invited.filter(({ email }) => !taken.has(email)).map((one) => invitedUser(one));
  return [...known, ...open].toSorted((a, b) => (a.document.email < b.document.email ? -1 : 1));
}

const invitedUser = (one: { tenant: TenantId; email: string; invitedAt: string }): Known => ({
  member: undefined,
  document: {
    id: userId(one.tenant, one.email),
    email: one.email,
    state: 'invited',
    since: one.invitedAt,
    self: false,
  },
});

/** Made of what the tenant knows, so that it does not reveal if the address exists. */
const userId = (tenant: TenantId, email: string): string =>
  `u_${encodeRandom128(digest128(tenant, email))}`;

/**
 * Invites a person to be a user of the tenant, or sends another invitation to one who has not
 * signed in yet. An address that is another tenant's is answered, and listed, like one that does
 * not reply.
 *
 * @param email in lower case
 * @throws Refusal `user-exists`, `too-many-users`
 * @throws BudgetExceeded `invitations-day`, `invitation-interval`
 */
export const inviteUser = (
  caller: Caller,
  email: string,
  ports: UserPorts,
): Promise<UserDocument> => retry(retryLimits.conflict, () => inviteOnce(caller, email, ports));

/** @throws Conflict where another was invited at the same time, so that the count may be wrong */
async function inviteOnce(caller: Caller, email: string, ports: UserPorts): Promise<UserDocument> {
  const { tenant } = caller;
  const revision = await ports.invitations.revision(tenant);
  const known = await knownUsers(caller, ports);
  const present = known.find(({ document }) => document.email === email);
  if (present !== undefined && present.document.state !== 'invited') {
    throw new Refusal('user-exists', `${email} is a user of yours already.`);
  }
  if (present === undefined && known.length >= MOST_USERS) {
    throw new Refusal(
      'too-many-users',
      `You have ${MOST_USERS} users, those invited counted, which is as many as can be; remove some.`,
    );
  }
  const invitation = await noteInvitation(
    { tenant, email },
    present === undefined ? { revision } : { last: present.document.since },
    ports,
  );
  const account = (await ports.tenants.nameOf(tenant)) ?? tenant;
  const user = known.find(({ document }) => document.self)?.document.email;
  await ports.directory.invite(tenant, email, {
    account,
    ...(user === undefined ? {} : { user }),
  });
  return invitedUser(invitation).document;
}

/**
 * Takes an invitation from the budget of the day, and notes it where the last one of its address is
 * long enough ago.
 *
 * @param last when the listed one was made; one that was withdrawn is found by the write
 * @param revision of the list that has none of the address
 * @throws Conflict where the list has another revision by now
 */
async function noteInvitation(
  { tenant, email }: Omit<Invitation, 'invitedAt'>,
  { last, revision }: { readonly last?: string; readonly revision?: number },
  { budgets, invitations, clock }: UserPorts,
): Promise<Invitation> {
  const interval = await budgets.limit(tenant, 'invitation-interval');
  const now = clock.now();
  if (last !== undefined && last > later(now, -interval * 1_000)) {
    throw invitedLately(email, { last, interval, now });
  }
  const taken = await budgets.take(tenant, 'invitations', 1);
  const invitation = { tenant, email, invitedAt: now.toISOString() };
  const notAfter = later(now, -interval * 1_000);
  let earlier: string | undefined;
  try {
    earlier = await invitations.put(invitation, notAfter, revision);
  } catch (error) {
    await budgets.adjust(taken, -1);
    throw error;
  }
  if (earlier === undefined) return invitation;
  await budgets.adjust(taken, -1);
  throw invitedLately(email, { last: earlier, interval, now });
}

function invitedLately(
  email: string,
  { last, interval, now }: { last: string; interval: number; now: Date },
): BudgetExceeded {
  const freeAt = Date.parse(last) + interval * 1_000;
  const after = Math.max(1, Math.ceil((freeAt - now.getTime()) / 1_000));
  return new BudgetExceeded(
    'invitation-interval',
    `${email} was invited at ${last}, and gets one invitation in ${interval} s. Try again in ${after} s.`,
    after,
  );
}

/**
 * Removes a user of the tenant, or withdraws an invitation. Interrupted at any step it can be asked
 * for again.
 *
 * @throws Refusal `not-found`, also where the user is another tenant's; `last-user`
 */
export async function removeUser(
  caller: Caller,
  id: string,
  ports: UserPorts,
): Promise<UserDocument> {
  const { tenant } = caller;
  const known = await knownUsers(caller, ports);
  const found = known.find(({ document }) => document.id === id);
  if (found === undefined) {
    throw new Refusal('not-found', 'You have no such user; see GET /v1/users.');
  }
  const { document, member } = found;
  if (document.self && !known.some(isOtherActive)) {
    throw new Refusal(
      'last-user',
      'You are the last active user; invite somebody else, and have them sign in, before you remove yourself.',
    );
  }
  if (member !== undefined) {
    // Before the user is gone: the authorizer refuses their tokens from now on.
    await ports.removed.add(member.id, ports.clock.now().toISOString());
    await ports.directory.remove(tenant, member.id);
  }
  await ports.invitations.remove(tenant, document.email, ports.clock.now().toISOString());
  return document;
}

const isOtherActive = ({ document: { state, self } }: Known): boolean =>
  state === 'active' && !self;
