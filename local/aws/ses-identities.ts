import { randomBytes } from 'node:crypto';
import type { Resolution } from '../dns/resolution.ts';
import { AwsError } from './http.ts';
import type { Clock } from './http.ts';
import type { Identity, MailFrom, SesStore } from './ses-store.ts';

export type MailFromStatus = 'Pending' | 'Success' | 'Failed';

export interface IdentitiesOptions {
  readonly region: string;
  readonly resolve: (name: string, type: 'TXT' | 'MX') => Resolution;
  readonly now: Clock;
  /** The most identities of the account; default: no limit. */
  readonly quota?: (domain: string) => number;
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

const HOURS_72 = 72 * 3_600_000;

const DOMAIN =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/;

function readDomain(text: string): string {
  const domain = text.toLowerCase();
  if (!DOMAIN.test(domain)) throw invalid(`Invalid domain name ${text}.`);
  return domain;
}

/** Domain identities: proven by a TXT record that is queried at each request about them. */
export class SesIdentities {
  readonly #store: SesStore;
  readonly #options: IdentitiesOptions;

  constructor(store: SesStore, options: IdentitiesOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Starts the proof of a domain, or again where it failed; one that is under way or done stays as it is. */
  verify(text: string): Identity {
    const domain = readDomain(text);
    const known = this.find(domain);
    if (known !== undefined && known.status !== 'Failed') return known;
    const { quota = () => Infinity } = this.#options;
    if (known === undefined && this.#store.identities().length >= quota(domain)) {
      throw new AwsError(
        'LimitExceeded',
        'You have reached the maximum number of identities for this account.',
      );
    }
    const identity: Identity = {
      ...known,
      domain,
      token: known?.token ?? randomBytes(32).toString('base64'),
      status: 'Pending',
      requestedAt: this.#options.now(),
    };
    this.#store.putIdentity(identity);
    return identity;
  }

  /** Returns the identity, its proof queried in DNS if it is under way. */
  find(domain: string): Identity | undefined {
    const identity = this.#store.identity(domain.toLowerCase());
    return identity && this.#settled(identity);
  }

  list(): string[] {
    return this.#store.identities().map(({ domain }) => domain);
  }

  delete(domain: string): void {
    this.#store.deleteIdentity(domain.toLowerCase());
  }

  /** The verified identity that an address may send by: its domain, or one above it. */
  covering(domain: string): Identity | undefined {
    const labels = domain.split('.');
    for (let index = 0; index < labels.length; index++) {
      const identity = this.find(labels.slice(index).join('.'));
      if (identity?.status === 'Success') return identity;
    }
    return undefined;
  }

  setMailFrom(name: string, mailFrom: MailFrom | undefined): void {
    const identity = this.find(name);
    if (identity === undefined) throw invalid(`Identity <${name}> does not exist.`);
    if (mailFrom === undefined) {
      const { mailFrom: _, ...rest } = identity;
      this.#store.putIdentity(rest);
      return;
    }
    const domain = readDomain(mailFrom.domain);
    if (!domain.endsWith(`.${identity.domain}`)) {
      throw invalid(
        `Provided MAIL-FROM domain <${domain}> is not subdomain of the domain of the identity <${identity.domain}>.`,
      );
    }
    this.#store.putIdentity({ ...identity, mailFrom: { ...mailFrom, domain } });
  }

  /**
   * Returns true if bounces can come back to the custom MAIL FROM: exactly one MX, SES's, and an
   * SPF record.
   */
  mailFromStatus({ domain }: MailFrom): MailFromStatus {
    const exchange = `feedback-smtp.${this.#options.region}.amazonses.com`;
    const exchanges = this.#options
      .resolve(domain, 'MX')
      .answers.filter(({ type }) => type === 'MX');
    const [mx] = exchanges;
    const right =
      exchanges.length === 1 &&
      mx?.type === 'MX' &&
      mx.data.preference === 10 &&
      mx.data.exchange.toLowerCase() === exchange;
    if (!right) return exchanges.length === 0 ? 'Pending' : 'Failed';
    return this.#texts(domain).some((text) => text.startsWith('v=spf1 ')) ? 'Success' : 'Pending';
  }

  #settled(identity: Identity): Identity {
    if (identity.status !== 'Pending') return identity;
    const proven = this.#texts(`_amazonses.${identity.domain}`).includes(identity.token);
    const late = this.#options.now() - identity.requestedAt > HOURS_72;
    if (!proven && !late) return identity;
    const settled: Identity = { ...identity, status: proven ? 'Success' : 'Failed' };
    this.#store.putIdentity(settled);
    return settled;
  }

  #texts(name: string): string[] {
    return this.#options.resolve(name, 'TXT').answers.flatMap((record) => {
      if (record.type !== 'TXT') return [];
      const parts: readonly (string | Buffer)[] = Array.isArray(record.data)
        ? record.data
        : [record.data];
      return [parts.map((part) => part.toString('latin1')).join('')];
    });
  }
}
