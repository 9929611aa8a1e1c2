import { api } from './api.ts';
import type { Check } from './check.ts';
import { identities } from './identities.ts';
import { keys } from './keys.ts';
import { sending } from './sending.ts';
import { zone } from './zone.ts';

type Checks = Readonly<Record<string, Check>>;

/** The checks by what they are about, in the order in which they are tried. */
export const groups: readonly Checks[] = [api, keys, zone, identities, sending];

/** Every check, by its name. */
export const liveChecks: Checks = Object.assign({}, ...groups) as Checks;
