/** A route key taken apart: `GET /v1/domains/{name}`, or `$default`. */
interface RoutePattern {
  readonly method: string;
  readonly segments: readonly string[];
}

export interface RouteMatch<Route> {
  readonly route: Route;
  /** The values of the path's variables, percent-decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

const DEFAULT = '$default';
const VARIABLE = /^\{([^}+]+)(\+?)\}$/;

const isGreedy = (segment: string | undefined): boolean => segment?.endsWith('+}') ?? false;

/** @throws Error on a route key that is neither `$default` nor a method and a path */
export function parseRouteKey(routeKey: string): RoutePattern | typeof DEFAULT {
  if (routeKey === DEFAULT) return DEFAULT;
  const [, method, path] = /^([A-Z]+) (\/\S*)$/.exec(routeKey) ?? [];
  if (method === undefined || path === undefined) {
    throw new Error(`${routeKey} is no route key: give a method and a path, or ${DEFAULT}`);
  }
  return { method, segments: path.split('/').slice(1) };
}

/**
 * Finds the route of a request as API Gateway does: the most specific full match, then one with a
 * greedy variable, then `$default`.
 *
 * @param path percent-encoded, without the query
 */
export function matchRoute<Route extends { readonly routeKey: string }>(
  routes: readonly Route[],
  method: string,
  path: string,
): RouteMatch<Route> | undefined {
  const segments = path.split('/').slice(1).map(decodeSegment);
  let best: (RouteMatch<Route> & { rank: readonly number[] }) | undefined;
  for (const route of routes) {
    const match = matchPattern(parseRouteKey(route.routeKey), method, segments);
    if (match !== undefined && (best === undefined || isLess(match.rank, best.rank))) {
      best = { route, ...match };
    }
  }
  return best && { route: best.route, pathParameters: best.pathParameters };
}

function matchPattern(
  pattern: RoutePattern | typeof DEFAULT,
  method: string,
  segments: readonly string[],
): { pathParameters: Record<string, string>; rank: readonly number[] } | undefined {
  if (pattern === DEFAULT) return { pathParameters: {}, rank: [2] };
  if (pattern.method !== 'ANY' && pattern.method !== method) return undefined;
  const greedy = isGreedy(pattern.segments.at(-1));
  const fits = greedy
    ? segments.length >= pattern.segments.length
    : segments.length === pattern.segments.length;
  if (!fits) return undefined;
  const pathParameters: Record<string, string> = {};
  const rank = [greedy ? 1 : 0];
  for (const [index, part] of pattern.segments.entries()) {
    const [, name] = VARIABLE.exec(part) ?? [];
    const found = isGreedy(part) ? segments.slice(index).join('/') : (segments[index] ?? '');
    if (name === undefined ? part !== found : found === '') return undefined;
    if (name !== undefined) pathParameters[name] = found;
    rank.push(name === undefined ? 0 : 1);
  }
  return { pathParameters, rank: [...rank, pattern.method === 'ANY' ? 1 : 0] };
}

function isLess(left: readonly number[], right: readonly number[]): boolean {
  const at = left.findIndex((value, index) => value !== right[index]);
  return at !== -1 && (left[at] ?? 0) < (right[at] ?? Infinity);
}

/** Percent-decodes; what is not well-formed stays as it is. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
