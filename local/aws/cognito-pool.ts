import { randomUUID } from 'node:crypto';
import { AwsError } from './http.ts';

/** A user as the stand-in keeps it. */
export interface PoolUser {
  /** The user names in tokens. A pool whose users sign in by address makes them up itself. */
  readonly name: string;
  /** By name. `email` is there always. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly status: 'FORCE_CHANGE_PASSWORD' | 'CONFIRMED';
  /** Mails with a first password that Cognito would have sent. */
  readonly invitations: number;
  /** The last of them, where a function writes them. */
  readonly mail?: InvitationMail;
  readonly groups: readonly string[];
}

/** With the placeholders of Cognito, which is to know the password alone. */
export interface InvitationMail {
  readonly subject: string;
  readonly message: string;
}

export interface PoolState {
  readonly groups: readonly string[];
  readonly users: readonly PoolUser[];
}

export const emptyPool: PoolState = { groups: [], users: [] };

/** By name: `custom:...`. */
export interface CustomAttributes {
  readonly fixed: readonly string[];
  readonly mutable: readonly string[];
}

/** Standard attributes that the stand-in knows. */
const STANDARD = ['email', 'email_verified'];

/** One user pool, in which addresses are unique, ignoring case. */
export class Pool {
  #state: PoolState;
  readonly #customAttributes: readonly string[];
  readonly #mutableAttributes: readonly string[];
  readonly #save: (state: PoolState) => void;

  constructor(
    state: PoolState,
    { fixed, mutable }: CustomAttributes,
    save: (state: PoolState) => void,
  ) {
    this.#state = state;
    this.#customAttributes = [...fixed, ...mutable];
    this.#mutableAttributes = mutable;
    this.#save = save;
  }

  get state(): PoolState {
    return this.#state;
  }

  /** By name or address. @throws AwsError UserNotFoundException */
  user(reference: string): PoolUser {
    const found = this.#find(reference);
    if (found !== undefined) return found;
    throw new AwsError('UserNotFoundException', 'User does not exist.');
  }

  /** @throws AwsError InvalidParameterException, UsernameExistsException */
  create(username: string, attributes: Readonly<Record<string, string>>, now: Date): PoolUser {
    if (!/^[^\s@]+@[^\s@]+$/.test(username)) {
      throw new AwsError('InvalidParameterException', 'Username should be an email.');
    }
    const unknown = Object.keys(attributes).filter(
      (name) => !STANDARD.includes(name) && !this.#customAttributes.includes(name),
    );
    if (unknown.length > 0) {
      throw new AwsError(
        'InvalidParameterException',
        `Attributes did not conform to the schema: ${unknown.join()} is not in it.`,
      );
    }
    if (this.#find(username) !== undefined) {
      throw new AwsError('UsernameExistsException', 'User account already exists');
    }
    const user: PoolUser = {
      name: randomUUID(),
      attributes: { email: username, ...attributes },
      createdAt: now.toISOString(),
      status: 'FORCE_CHANGE_PASSWORD',
      invitations: 1,
      groups: [],
    };
    this.#keep({ ...this.#state, users: [...this.#state.users, user] });
    return user;
  }

  /**
   * Changes attributes; a blank value takes one away.
   *
   * @throws AwsError UserNotFoundException, InvalidParameterException for one that is immutable
   */
  update(username: string, attributes: Readonly<Record<string, string>>): void {
    const user = this.user(username);
    const fixed = Object.keys(attributes).filter((name) => !this.#mutableAttributes.includes(name));
    if (fixed.length > 0) {
      throw new AwsError(
        'InvalidParameterException',
        `user.${fixed.join()}: Attribute cannot be updated.`,
      );
    }
    const next = Object.entries({ ...user.attributes, ...attributes });
    this.#change(user, {
      attributes: Object.fromEntries(next.filter(([, value]) => value !== '')),
    });
  }

  /** @throws AwsError UserNotFoundException, UnsupportedUserStateException */
  inviteAgain(username: string): PoolUser {
    const user = this.user(username);
    if (user.status !== 'FORCE_CHANGE_PASSWORD') {
      throw new AwsError(
        'UnsupportedUserStateException',
        `Resend not possible. User status is not FORCE_CHANGE_PASSWORD.`,
      );
    }
    return this.#change(user, { invitations: user.invitations + 1 });
  }

  noteMail({ name }: PoolUser, mail: InvitationMail): void {
    this.#change(this.user(name), { mail });
  }

  /** As a user does who signs in for the first time. */
  confirm(username: string): void {
    this.#change(this.user(username), { status: 'CONFIRMED' });
  }

  remove(username: string): void {
    const { name } = this.user(username);
    this.#keep({
      ...this.#state,
      users: this.#state.users.filter((other) => other.name !== name),
    });
  }

  /** @throws AwsError GroupExistsException */
  createGroup(group: string): void {
    if (this.#state.groups.includes(group)) {
      throw new AwsError('GroupExistsException', 'A group with the name already exists.');
    }
    this.#keep({ ...this.#state, groups: [...this.#state.groups, group] });
  }

  /** @throws AwsError ResourceNotFoundException, UserNotFoundException */
  join(username: string, group: string): void {
    this.#requireGroup(group);
    const user = this.user(username);
    if (!user.groups.includes(group)) this.#change(user, { groups: [...user.groups, group] });
  }

  /** @throws AwsError ResourceNotFoundException, UserNotFoundException */
  leave(username: string, group: string): void {
    this.#requireGroup(group);
    const user = this.user(username);
    this.#change(user, { groups: user.groups.filter((other) => other !== group) });
  }

  /** @throws AwsError ResourceNotFoundException */
  usersIn(group: string): PoolUser[] {
    this.#requireGroup(group);
    return this.#state.users.filter(({ groups }) => groups.includes(group));
  }

  #requireGroup(group: string): void {
    if (this.#state.groups.includes(group)) return;
    throw new AwsError('ResourceNotFoundException', 'Group not found.');
  }

  #find(reference: string): PoolUser | undefined {
    const wanted = reference.toLowerCase();
    return this.#state.users.find(
      ({ name, attributes }) => name === reference || attributes['email']?.toLowerCase() === wanted,
    );
  }

  #change(user: PoolUser, changes: Partial<PoolUser>): PoolUser {
    const next = { ...user, ...changes };
    const users = this.#state.users.map((other) => (other.name === user.name ? next : other));
    this.#keep({ ...this.#state, users });
    return next;
  }

  #keep(state: PoolState): void {
    this.#state = state;
    this.#save(state);
  }
}
