/** A secret that an endpoint had before. */
interface Previous<Secret> {
  readonly secret: Secret;
  /** It signs until then, ISO 8601. */
  readonly until: string;
}

interface Secrets<Secret> {
  readonly secret: Secret;
  readonly previousSecrets?: readonly Previous<Secret>[];
}

/** More would make each request longer, and no receiver needs them. */
const MOST_PREVIOUS = 3;

/** The secrets that sign now, the newest first. */
export const signingSecrets = <Secret>(
  { secret, previousSecrets = [] }: Secrets<Secret>,
  now: Date,
): readonly Secret[] => [
  secret,
  ...previousSecrets
    .filter(({ until }) => Date.parse(until) > now.getTime())
    .map((one) => one.secret),
];

/**
 * The secrets after a rotation: those that signed before sign beside the new one for a while. So a
 * rotation whose answer was lost breaks no receiver, since the secret before it still signs.
 *
 * @param overlapMs 0 ends all others at once, for a secret that is known to strangers
 */
export function rotated<Secret>(
  before: Secrets<Secret>,
  next: Secret,
  now: Date,
  overlapMs: number,
): { readonly secret: Secret; readonly previousSecrets: readonly Previous<Secret>[] | undefined } {
  if (overlapMs === 0) return { secret: next, previousSecrets: undefined };
  const until = new Date(now.getTime() + overlapMs).toISOString();
  const earlier = (before.previousSecrets ?? []).filter(
    (one) => Date.parse(one.until) > now.getTime(),
  );
  const previousSecrets = [{ secret: before.secret, until }, ...earlier].slice(0, MOST_PREVIOUS);
  return { secret: next, previousSecrets };
}
