import { isAtOrBelow } from '../model/names.ts';
import type { Setting } from './setting.ts';

/** Returns the domain at or above a name that nobody has registered; undefined where there is none, as far as known. */
export const unregisteredAbove = (
  name: string,
  { unregistered }: Pick<Setting, 'unregistered'>,
): string | undefined =>
  [...(unregistered ?? [])].find((domain) =>
    isAtOrBelow(name.toLowerCase().replace(/\.$/, ''), domain),
  );
