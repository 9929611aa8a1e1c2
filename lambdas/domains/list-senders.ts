import { within } from '#shared/async/timeout.ts';
import type { SpfDocument } from '#shared/api/routes/senders.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { FlatteningItem } from '#shared/app/ports/flattening-store.ts';
import {
  hostedSpfNames,
  promisedLookups,
  spfTexts,
} from '#shared/core/records/kinds/spf/hosted.ts';
import { flatten, type Flattening } from '#shared/core/spf/flatten.ts';
import { shortest } from '#shared/core/spf/mechanism.ts';
import type { DomainPorts } from './ports.ts';

type SenderPorts = Pick<DomainPorts, 'deployment' | 'flattenings' | 'resolver'>;
type Source = SpfDocument['sources'][number];

const TIMEOUT_MS = 15_000;

/**
 * The permitted senders of a domain's hosted SPF, with their sources, and all addresses as DNS has
 * them now.
 */
export async function listSenders(
  claim: Claim,
  { deployment, flattenings, resolver }: SenderPorts,
  timeoutMs = TIMEOUT_MS,
): Promise<SpfDocument> {
  const { mechanisms, flattened = [] } = claim.spf;
  const states = flattened.length === 0 ? [] : await flattenings.of(claim.label);
  const addressesOf = (mechanism: string): Promise<Flattening> =>
    within<Flattening, Flattening>(
      timeoutMs,
      flatten(mechanism, (name, type) => resolver.lookup(name, type)),
      { kind: 'failed', detail: 'DNS did not answer in time' },
    );
  const sources = await Promise.all([
    ...deployment.senders.map(async (mechanism) =>
      sourceOf(mechanism, 'service', await addressesOf(mechanism)),
    ),
    ...mechanisms.map(async (mechanism) => {
      const flat = flattened.find(({ include }) => include === mechanism);
      const state = states.find(({ include }) => include === mechanism);
      const seen =
        flat?.addresses === undefined
          ? await addressesOf(mechanism)
          : ({ kind: 'addresses', addresses: flat.addresses } as const);
      const source = sourceOf(mechanism, 'customer', seen);
      return flat === undefined ? source : { ...source, flattening: flatteningOf(flat, state) };
    }),
  ]);
  const texts = spfTexts(claim, deployment);
  const names = hostedSpfNames(claim);
  return {
    name: claim.domain,
    records: texts.map((text, index) => ({ name: names[index] as string, text })),
    lookups: promisedLookups(claim, deployment),
    sources,
    addresses: shortest(sources.flatMap(({ addresses }) => addresses)),
  };
}

const sourceOf = (mechanism: string, from: Source['from'], seen: Flattening): Source => ({
  mechanism,
  from,
  addresses: seen.kind === 'addresses' ? [...seen.addresses] : [],
  problem: seen.kind === 'addresses' ? null : seen.detail,
  flattening: null,
});

function flatteningOf(
  { addresses, since }: NonNullable<Claim['spf']['flattened']>[number],
  state: FlatteningItem | undefined,
): NonNullable<Source['flattening']> {
  const { held, failure, candidate } = state ?? {};
  const why = held ?? failure;
  const name = held
    ? 'held'
    : failure
      ? 'failing'
      : candidate || !addresses
        ? 'looking'
        : 'current';
  return {
    state: name,
    detail: why?.detail ?? null,
    since: why?.since ?? candidate?.since ?? since ?? null,
    published: addresses === undefined ? null : [...addresses],
    candidate: candidate === undefined ? null : [...candidate.addresses],
  };
}
