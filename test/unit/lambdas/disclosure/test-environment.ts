import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Claim } from '#shared/core/model/claim.ts';
import type { WaitingKey } from '#shared/core/model/disclosure.ts';
import type { KeyAlgorithm } from '#shared/core/model/key-ring.ts';
import type { KeyId } from '#shared/core/model/names.ts';
import { hostedKeyName } from '#shared/core/records/kinds/dkim/names.ts';
import { DAY_MS as DAY } from '#shared/core/time.ts';
import { discloseDue } from '../../../../lambdas/disclosure/disclose.ts';
import type { DisclosureOutcome, DisclosurePorts } from '../../../../lambdas/disclosure/ports.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryKeyForge, newWrappingKey } from '../../../fakes/key-forge.ts';
import { MemoryKeyVault } from '../../../fakes/key-vault.ts';
import { FakeDns, type DnsRecord } from '../../../fakes/resolver.ts';
import { MemoryRevokedKeys } from '../../../fakes/revoked-keys.ts';
import { FakeTime } from '../../../fakes/time.ts';

export const START = '2026-11-01T06:00:00.000Z';
export { DAY };

/** One domain, one key of it that has left its ring, and DNS without it. */
export class DisclosureTestEnvironment {
  readonly time = new FakeTime(START);
  readonly claims = new MemoryClaimStore();
  readonly revokedKeys = new MemoryRevokedKeys();
  readonly dns = new FakeDns();
  readonly outcomes: DisclosureOutcome[] = [];
  readonly ports: DisclosurePorts;
  readonly vault: MemoryKeyVault;
  claim: Claim;
  key!: WaitingKey;
  /** The wrong answers of our zone's three slots, and of the customer's names. */
  readonly hosted = new Map<string, string>();
  readonly customer = new Map<string, DnsRecord>();
  readonly #forge: MemoryKeyForge;

  constructor() {
    const wrappingKey = newWrappingKey();
    this.#forge = new MemoryKeyForge(wrappingKey);
    this.vault = new MemoryKeyVault(wrappingKey);
    this.claim = givenClaim({
      status: 'verified',
      verifiedAt: '2026-09-01T00:00:00.000Z',
      disclosure: { consentedAt: '2026-09-01T00:00:00.000Z' },
    });
    this.ports = {
      claims: this.claims,
      disclosures: this.claims.disclosures,
      revokedKeys: this.revokedKeys,
      resolver: this.dns,
      vault: this.vault,
      clock: this.time.clock,
      log: (_, outcome) => this.outcomes.push(outcome),
    };
  }

  static async given(
    changes: Partial<WaitingKey> = {},
    algorithm: KeyAlgorithm = 'ed25519-sha256',
  ): Promise<DisclosureTestEnvironment> {
    const testEnvironment = new DisclosureTestEnvironment();
    const { claim } = testEnvironment;
    await testEnvironment.claims.create(claim, { pendingPerTenant: 1, claimsPerShard: 1 });
    testEnvironment.key = { ...(await testEnvironment.#retired(algorithm)), ...changes };
    testEnvironment.claims.disclosures.add(testEnvironment.key);
    testEnvironment.answer();
    return testEnvironment;
  }

  async #retired(algorithm: KeyAlgorithm): Promise<WaitingKey> {
    const { tenant, domain, label, keys } = this.claim;
    const id = 'k_retired' as KeyId;
    const [{ selector }] = keys;
    const context = { tenant, domain, selector, keyId: id };
    const { publicKeySpki: spki, wrappedPrivateKey } = await this.#forge.generate(
      algorithm,
      context,
    );
    return {
      id,
      selector,
      algorithm,
      publicKey: (algorithm === 'rsa-sha256' ? spki : spki.subarray(-32)).toString('base64'),
      wrappedPrivateKey: wrappedPrivateKey.toString('base64'),
      createdAt: '2026-08-01T00:00:00.000Z',
      tenant,
      domain,
      label,
      lastSignedAt: '2026-10-01T03:00:00.000Z',
      consentedAt: claimConsent(this.claim),
      revision: 1,
      dueAt: START,
    };
  }

  /** Has DNS answer: ours by what each slot shows, the customer's by the records at each name. */
  answer(): void {
    const hosted = this.claim.keys.map((key): DnsRecord => {
      const name = hostedKeyName(this.claim, key.selector);
      const text = this.hosted.get(key.selector) ?? `v=DKIM1; k=rsa; p=${key.publicKey}`;
      return { name, type: 'TXT', value: text };
    });
    this.dns.zone(this.claim.shard, hosted);
    this.dns.zone(
      this.claim.domain,
      this.claim.keys.map(({ selector }): DnsRecord => {
        const name = `${selector}._domainkey.${this.claim.domain}`;
        const value = hostedKeyName(this.claim, selector);
        return this.customer.get(selector) ?? { name, type: 'CNAME', value };
      }),
    );
  }

  /** One call of the daily schedule, so many days after the last one. */
  async day(days = 1, ports = this.ports): Promise<readonly DisclosureOutcome[]> {
    this.time.advance(days * DAY);
    this.outcomes.length = 0;
    await discloseDue(ports, this.time.clock.now().getTime() + 60_000);
    return [...this.outcomes];
  }

  async change(changes: Partial<Claim>): Promise<void> {
    const next = { ...this.claim, ...changes, version: this.claim.version + 1 };
    await this.claims.update(this.claim, next);
    this.claim = next;
  }

  stored() {
    return this.claims.disclosures.of(this.claim.label);
  }

  /** Returns true if a private key is the waiting one's other half. */
  isPair(privateKey: KeyObject): boolean {
    const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
    return spki.subarray(-this.#publicBytes.length).equals(this.#publicBytes);
  }

  get #publicBytes(): Buffer {
    return Buffer.from(this.key.publicKey, 'base64');
  }
}

const claimConsent = (claim: Claim): string => claim.disclosure?.consentedAt ?? '';
