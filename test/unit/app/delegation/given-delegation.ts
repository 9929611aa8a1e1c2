import { maintainZone } from '#shared/app/delegation/maintain-zone.ts';
import type { DelegationEvent, DelegationPorts } from '#shared/app/delegation/ports.ts';
import type { DelegationRequest } from '#shared/app/ports/queues.ts';
import { runCheck } from '#shared/app/checks/run-check.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainName, Label } from '#shared/core/model/names.ts';
import { nameServerOf } from '#shared/core/records/kinds/delegation.ts';
import { decodeTxt } from '#shared/core/records/txt.ts';
import type { ZoneRecordSet } from '#shared/core/records/zone-record-sets.ts';
import { MemoryDelegatedZones } from '../../../fakes/delegated-zone-store.ts';
import { deployment } from '../../../fakes/given-claim.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import type { DnsRecord } from '../../../fakes/resolver.ts';
import { MemoryZoneHost, SERVICE_ZONE } from '../../../fakes/zone-host.ts';
import { TestEnvironment, viewOf } from '../checks/test-environment.ts';

export const PARENT = 'customer.example' as DomainName;
export const DOMAIN = 'mail.customer.example' as DomainName;

/**
 * A service in memory whose tenants have a subdomain delegated. What its DNS answers follows from the
 * NS records in the customer's zone, the addresses of the servers that they name, and the zones that
 * are there, as for a resolver.
 */
export class GivenDelegation {
  readonly env = new TestEnvironment();
  readonly zones = new MemoryDelegatedZones();
  readonly host = new MemoryZoneHost();
  readonly queue = new MemoryQueue<DelegationRequest>();
  readonly events: DelegationEvent[] = [];
  /** The name servers in the customer's zone. */
  named: readonly string[] = [];

  readonly ports: DelegationPorts = {
    claims: this.env.claims,
    identities: this.env.identities,
    checks: this.env.checks,
    zones: this.zones,
    host: this.host,
    resolver: this.env.dns,
    queue: this.queue,
    deployment,
    name: 'sender-domains',
    serviceZoneId: SERVICE_ZONE,
    mostZones: 100,
    clock: this.env.ports.clock,
    log: (event) => void this.events.push(event),
  };

  constructor() {
    // The servers of delegation sets have addresses of their own.
    const servers = Array.from({ length: 40 }, (_, index) =>
      ['a', 'b', 'c', 'd'].map((one, place) => ({
        name: `${one}.n${index + 1}.awsdns.test`,
        type: 'A' as const,
        value: `192.0.2.${place + 1}`,
      })),
    );
    this.env.dns.zone('awsdns.test', servers.flat());
    this.publish();
  }

  /** A claim of the domain, with the token of SES. */
  async claim(changes: Partial<Claim> = {}): Promise<Claim> {
    const claim = await this.env.claim({ domain: DOMAIN, hosting: 'delegated', ...changes });
    await this.env.identities.putView(viewOf(claim));
    return claim;
  }

  /** Has the customer's zone name these servers, and DNS answer accordingly. */
  publish(...named: readonly string[]): void {
    this.named = named;
    this.sync();
  }

  serverOf = ({ label }: Pick<Claim, 'label'>): string => nameServerOf(label, deployment.zone);

  /** True if the name server of a label has an address. */
  hasAddress = (label: Label): boolean =>
    this.#setsOf(SERVICE_ZONE).some(({ name }) => name === nameServerOf(label, deployment.zone));

  /** The labels that the slots of the domain show to a resolver. */
  shown(): Label[] {
    const targets = this.#answers()
      .filter(({ type, name }) => type === 'CNAME' && name.includes('_domainkey'))
      .map(({ value }) => value.split('.')[2] as Label);
    return [...new Set(targets)];
  }

  /** Brings the fake DNS to what a resolver would find. */
  sync(): void {
    this.env.dns.zone(
      PARENT,
      this.named.map((value) => ({ name: DOMAIN, type: 'NS', value })),
    );
    const answers = this.#answers();
    if (this.named.length === 0) this.env.dns.drop(DOMAIN);
    else this.env.dns.zone(DOMAIN, answers);
    this.env.dns.silence(DOMAIN, this.named.length > 0 && answers.length === 0);
  }

  /** Checks a claim as it is stored; its requests come to the queue. */
  async check(claim: Claim): Promise<Claim> {
    this.sync();
    const stored = await this.env.claims.getByLabel(claim.label);
    if (stored === undefined) return claim;
    const outcome = await runCheck(stored, { ...this.env.ports, delegationQueue: this.queue });
    if (outcome === undefined) throw new Error('another check is under way');
    this.env.host(outcome.claim);
    return outcome.claim;
  }

  /** Works on all messages, and on those that follow within seconds. */
  async work(): Promise<void> {
    for (let pass = 0; pass < 50; pass += 1) {
      const sent = this.queue.take();
      this.queue.sent.push(...sent.filter((one) => !isSoon(one)));
      const due = sent.filter(isSoon);
      if (due.length === 0) return;
      for (const { request } of due) await this.maintain(request);
    }
    throw new Error('the work on zones does not end');
  }

  /** Works on the messages that wait, each once. */
  async workOnWaiting(): Promise<void> {
    for (const { request } of this.queue.take()) await this.maintain(request);
  }

  async maintain(request: DelegationRequest): Promise<void> {
    this.sync();
    await maintainZone(request, this.ports);
  }

  #answers(): DnsRecord[] {
    if (!this.named.some((server) => this.#isReachable(server))) return [];
    return [...this.host.zones.values()]
      .filter((zone) => zone.domain === DOMAIN)
      .flatMap(({ sets }) => sets.flatMap(dnsRecordsOf));
  }

  #isReachable = (server: string): boolean =>
    this.#setsOf(SERVICE_ZONE).some(({ name }) => name === server);

  #setsOf = (id: string): readonly ZoneRecordSet[] => this.host.zones.get(id)?.sets ?? [];
}

const isSoon = ({ delaySeconds }: { readonly delaySeconds: number }) => delaySeconds <= 10;

const dnsRecordsOf = ({ name, type, ttl, values }: ZoneRecordSet): DnsRecord[] =>
  values.map((value) => ({
    name,
    type,
    ttl,
    value: type === 'TXT' ? decodeTxt(value) : value.replace(/\.$/, ''),
  }));
