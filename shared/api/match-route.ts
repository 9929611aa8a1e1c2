import type { RouteKey } from './routes/route.ts';

/**
 * - `found`: the route, and its path's parameters percent-decoded.
 * - `wrong-method`: the path is there, for the methods in `allow`.
 * - `not-found`: there is no such path.
 */
export type Match =
  | {
      readonly kind: 'found';
      readonly routeKey: RouteKey;
      readonly params: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'wrong-method'; readonly allow: readonly string[] }
  | { readonly kind: 'not-found' };

/** Finds the route that a request goes to, among all that there are. */
export function matchRoute(routeKeys: Iterable<RouteKey>, method: string, path: string): Match {
  const allow: string[] = [];
  for (const routeKey of routeKeys) {
    const [wanted = '', template = ''] = routeKey.split(' ');
    const params = matchPath(template, path);
    if (params === undefined) continue;
    if (wanted === method) return { kind: 'found', routeKey, params };
    allow.push(wanted);
  }
  return allow.length > 0 ? { kind: 'wrong-method', allow } : { kind: 'not-found' };
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] as string;
    if (segment.startsWith('{')) {
      const decoded = decode(value);
      if (!decoded) return undefined;
      params[segment.slice(1, -1)] = decoded;
    } else if (segment !== value) {
      return undefined;
    }
  }
  return params;
}

/** No name, address or id that the service gives or takes is longer; keys of tables may be 1,024 octets. */
export const LONGEST_PARAMETER = 320;

/** @returns undefined where the percent-encoding is broken, or where it is too long for anything to be there */
function decode(segment: string): string | undefined {
  try {
    const decoded = decodeURIComponent(segment);
    return decoded.length > LONGEST_PARAMETER ? undefined : decoded;
  } catch {
    return undefined;
  }
}
