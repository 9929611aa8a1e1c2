import { isOutage } from '#shared/adapters/aws/outage.ts';
import { sendIdentityRequests, turnOf } from '#shared/app/identity-views.ts';
import type { IdentityView } from '#shared/app/ports/identities.ts';
import type { IdentityRequest } from '#shared/app/ports/queues.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import type { OperatorEvent } from '#shared/core/model/operator-event.ts';
import { maintainAll } from '../../../../lambdas/identities/maintain.ts';
import type { IdentityEvent, IdentityPorts } from '../../../../lambdas/identities/ports.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { deployment, givenClaim, givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryIdentityStore } from '../../../fakes/identity-store.ts';
import { MemoryRotationRateLimiter } from '../../../fakes/rotation-rate-limiter.ts';
import { MemorySesIdentities } from '../../../fakes/ses-identities.ts';
import { FakeTime } from '../../../fakes/time.ts';

export const named = (name: string) => `${name}.example` as DomainName;
export const A = named('a');
export const B = named('b');

interface Waiting {
  readonly at: number;
  readonly body: string;
}

/** One deployment's identity function with its queue, on a clock that moves with its waits. */
export class Service {
  readonly time: FakeTime;
  readonly ses: MemorySesIdentities;
  readonly claims = new MemoryClaimStore();
  readonly identities = new MemoryIdentityStore();
  readonly events: IdentityEvent[] = [];
  readonly notices: OperatorEvent[] = [];
  ports: IdentityPorts;
  /** When each request came to a call of the function, and for whom. */
  readonly handled: { readonly at: number; readonly label: string | undefined }[] = [];
  waiting: Waiting[] = [];

  /** @param shared the account's SES and clock, where several deployments have them */
  constructor(
    name = 'sender-domains',
    shared: { ses: MemorySesIdentities; time: FakeTime } = {
      ses: new MemorySesIdentities(),
      time: new FakeTime(),
    },
  ) {
    this.ses = shared.ses;
    this.time = shared.time;
    this.ports = {
      clock: this.time.clock,
      sleep: this.time.sleep,
      random: this.time.random,
      deployment,
      name,
      claims: this.claims,
      identities: this.identities,
      ses: this.ses,
      turns: new MemoryRotationRateLimiter(),
      quota: 10_000,
      queue: {
        send: async (requests, { delaySeconds = 0 } = {}) => {
          for (const request of requests) {
            const at = this.now() + delaySeconds * 1000;
            this.waiting.push({ at, body: JSON.stringify(request) });
          }
        },
      },
      operatorEvents: { put: async (events) => void this.notices.push(...events) },
      isOutage,
      log: (event) => this.events.push(event),
    };
  }

  now(): number {
    return this.time.clock.now().getTime();
  }

  /** A new claim, whose turn the stream asks for. */
  async claim(domain: DomainName, changes: Partial<Claim> = {}): Promise<Claim> {
    const claim = givenClaim({ domain, tenant: givenTenant(), ...changes });
    await this.claims.create(claim, { pendingPerTenant: 1000, claimsPerShard: 10_000 });
    await this.ask(claim);
    return claim;
  }

  /** Asks for a claim's turn, as the stream does, and checks that see SES's record or not. */
  ask(claim: Claim, recordSeen = false): Promise<void> {
    return sendIdentityRequests(this.ports.queue, [
      { ...turnOf(claim), ...(recordSeen ? { recordSeen } : {}) },
    ]);
  }

  /** Proves a claim, and asks for its turn, as the check does. */
  async prove(claim: Claim): Promise<Claim> {
    const at = new Date(this.now()).toISOString();
    const verified = {
      ...claim,
      status: 'verified' as const,
      statusSince: at,
      version: claim.version + 1,
    };
    await this.claims.hold(claim, verified, at);
    await this.ask(verified, true);
    return verified;
  }

  /** Retires a claim, which its check and the stream both report. */
  async end(claim: Claim): Promise<void> {
    await this.claims.retire(claim, { ...claim, lifecycle: 'expired', version: claim.version + 1 });
    await this.ask(claim);
    await this.ask(claim);
  }

  /** Hands over what is due, ten messages a call, until nothing is due within the seconds. */
  async run(seconds = 60): Promise<void> {
    const end = this.now() + seconds * 1000;
    for (;;) {
      const due = this.waiting.filter(({ at }) => at <= this.now()).slice(0, 10);
      if (due.length > 0) {
        this.waiting = this.waiting.filter((one) => !due.includes(one));
        await this.call(due.map(({ body }) => body));
        continue;
      }
      const next = Math.min(...this.waiting.map(({ at }) => at));
      if (next > end) break;
      this.time.advance(next - this.now());
    }
    if (this.now() < end) this.time.advance(end - this.now());
  }

  /** @returns the messages that SQS would give again */
  async call(bodies: readonly string[], seconds = 45): Promise<number[]> {
    for (const body of bodies) {
      const label = labelIn(body);
      this.handled.push({ at: this.now(), label });
    }
    return maintainAll(this.ports, bodies, this.now() + seconds * 1000);
  }

  async view({ label }: Claim): Promise<IdentityView | undefined> {
    return (await this.identities.views([label])).get(label);
  }

  /** The calls of SES since the last time. */
  calls(): string[] {
    return this.ses.calls.splice(0);
  }
}

const labelIn = (body: string): string | undefined => {
  try {
    return (JSON.parse(body) as IdentityRequest).claim?.label;
  } catch {
    return undefined;
  }
};

export const tenantOf = (): TenantId => givenTenant();
