import type { FlattenedInclude, SpfSettings } from '../model/claim.ts';
import { Refusal } from '../model/errors.ts';
import { hasMacros } from './macro.ts';
import { normalMechanism, type MechanismSetting } from './mechanism.ts';

/** A mechanism as a customer asks for it; `flatten` where its addresses are to be published instead. */
export interface WantedMechanism {
  readonly mechanism: string;
  readonly flatten?: boolean;
}

/** A change of the customer's part of the hosted SPF record: the whole list, or what to add and remove. */
export interface SpfChange {
  readonly mechanisms?: readonly (string | WantedMechanism)[];
  readonly add?: readonly (string | WantedMechanism)[];
  readonly remove?: readonly string[];
  readonly all?: NonNullable<SpfSettings['all']>;
  /** Flattened includes whose new addresses were held, to be published after all. */
  readonly confirm?: readonly string[];
}

/** More than would ever fit into the records. */
const MOST_MECHANISMS = 200;

/**
 * The settings after a change: each mechanism once, in order, in its normal form. Removing what is
 * not there changes nothing. Adding what is there sets whether it is flattened.
 *
 * @throws Refusal `spf-invalid`
 */
export function changeSpf(
  present: SpfSettings,
  change: SpfChange,
  setting: MechanismSetting,
): SpfSettings {
  const removed = new Set(change.remove?.map((text) => normalMechanism(text, setting)));
  const kept = change.mechanisms === undefined ? present.mechanisms : [];
  const flattened = new Map((present.flattened ?? []).map((one) => [one.include, one]));
  const mechanisms = new Set(kept.filter((mechanism) => !removed.has(mechanism)));
  for (const wanted of [...(change.mechanisms ?? []), ...(change.add ?? [])]) {
    const { mechanism: text, flatten = false } =
      typeof wanted === 'string' ? { mechanism: wanted } : wanted;
    const mechanism = normalMechanism(text, setting);
    mechanisms.add(mechanism);
    if (!flatten) flattened.delete(mechanism);
    else if (!flattened.has(mechanism)) flattened.set(mechanism, flattening(mechanism));
  }
  if (mechanisms.size > MOST_MECHANISMS) {
    throw new Refusal(
      'spf-too-long',
      `${mechanisms.size} mechanisms do not fit into a domain's SPF records; give at most ${MOST_MECHANISMS}.`,
    );
  }
  const all = change.all ?? present.all;
  const stillFlattened = [...flattened.values()].filter(({ include }) => mechanisms.has(include));
  return {
    mechanisms: [...mechanisms],
    ...(all === undefined ? {} : { all }),
    ...(stillFlattened.length === 0 ? {} : { flattened: stillFlattened }),
    ...(present.records === undefined ? {} : { records: present.records }),
  };
}

function flattening(mechanism: string): FlattenedInclude {
  if (!mechanism.startsWith('include:') || hasMacros(mechanism)) {
    throw new Refusal(
      'spf-invalid',
      `"${mechanism}" cannot be flattened: only an include without macros stands for a list of addresses.`,
    );
  }
  return { include: mechanism };
}

/**
 * The settings with an include's addresses in its place; unchanged where it is not flattened.
 *
 * @param now ISO 8601
 */
export const withAddresses = (
  settings: SpfSettings,
  include: string,
  addresses: readonly string[],
  now: string,
): SpfSettings =>
  settings.flattened === undefined
    ? settings
    : {
        ...settings,
        flattened: settings.flattened.map((one) =>
          one.include === include ? { include, addresses, since: now } : one,
        ),
      };
