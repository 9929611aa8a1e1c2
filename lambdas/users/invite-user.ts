import { retry, retryLimits } from '#shared/async/retry.ts';
import type { UserDocument } from '#shared/api/routes/users.ts';
import { BudgetExceeded, Refusal } from '#shared/core/model/errors.ts';
import { userEvent } from '#shared/core/model/event.ts';
import { roleBeyond, type Role } from '#shared/core/model/roles.ts';
import type { Scope } from '#shared/core/model/scopes.ts';
import { later } from '#shared/core/time.ts';
import type { Invitation } from '#shared/app/ports/user-store.ts';
import { invitedUser, knownUsers, type Caller } from './known-users.ts';
import type { UserPorts } from './ports.ts';

/** Users of a tenant, those invited too, at most. */
export const MOST_USERS = 100;

/** Mails of invitations to one address in a day, whoever invites; the invitation is there without. */
export const MOST_MAILS_TO_ADDRESS = 5;

export interface Wanted {
  /** In lower case. */
  readonly email: string;
  readonly role: Role;
}

/**
 * Invites a person to be a user of the tenant. They are one once they accept, signed in, by which an
 * address that others invited, or that is a user of others, is no less theirs. No answer reveals if
 * the address is known.
 *
 * @throws Refusal `forbidden` where the role may do more than the caller, `user-exists`,
 *   `too-many-users`
 * @throws BudgetExceeded `invitations-day`, `invitation-interval`
 */
export const inviteUser = (
  caller: Caller,
  wanted: Wanted,
  ports: UserPorts,
): Promise<UserDocument> => {
  requireRole(wanted.role, caller.scopes, 'invite');
  return retry(retryLimits.conflict, () => inviteOnce(caller, wanted, ports));
};

/** @throws Refusal `forbidden` where a role may do more than the caller */
export function requireRole(role: Role, scopes: readonly Scope[], verb: string): void {
  const beyond = roleBeyond(role, scopes);
  if (beyond.length === 0) return;
  throw new Refusal(
    'forbidden',
    `You can ${verb} users who may do no more than you may, and the role "${role}" has "${beyond.join('", "')}", which you lack.`,
  );
}

/** @throws Conflict where another was invited at the same time, so that the count may be wrong */
async function inviteOnce(
  caller: Caller,
  { email, role }: Wanted,
  ports: UserPorts,
): Promise<UserDocument> {
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
  const inviter = known.find(({ document }) => document.self)?.document.email;
  const invitation = await noteInvitation(
    { tenant, email, role, ...(inviter === undefined ? {} : { inviter }) },
    present === undefined ? { revision } : { last: present.document.since },
    ports,
  );
  await sendMail(invitation, ports);
  await ports.bus.put([userEvent(tenant, 'user.invited', email, invitation.invitedAt)]);
  return invitedUser(invitation).document;
}

async function sendMail(
  { tenant, email, inviter, invitedAt }: Invitation,
  { invitations, directory, tenants }: UserPorts,
): Promise<void> {
  // The answer is the same: a tenant is not to know who else invites.
  if (!(await invitations.countMail(email, invitedAt, MOST_MAILS_TO_ADDRESS))) return;
  const account = (await tenants.nameOf(tenant)) ?? tenant;
  await directory.invite(email, {
    account,
    ...(inviter === undefined ? {} : { user: inviter }),
  });
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
  wanted: Omit<Invitation, 'invitedAt'>,
  { last, revision }: { readonly last?: string; readonly revision?: number },
  { budgets, invitations, clock }: UserPorts,
): Promise<Invitation> {
  const { tenant, email } = wanted;
  const interval = await budgets.limit(tenant, 'invitation-interval');
  const now = clock.now();
  if (last !== undefined && last > later(now, -interval * 1_000)) {
    throw invitedLately(email, { last, interval, now });
  }
  const taken = await budgets.take(tenant, 'invitations', 1);
  const invitation = { ...wanted, invitedAt: now.toISOString() };
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
