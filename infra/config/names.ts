/**
 * Words that services refuse in names: Cognito in the domain of the sign-in
 * (https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html),
 * EventBridge as the name of a bus.
 */
const refusedWithin = ['aws', 'amazon', 'cognito'];
const refused = ['default'];

/** Returns what to give instead of a deployment's name that a service refuses; undefined where none does. */
export function adviceOnName(name: string): string | undefined {
  const within = refusedWithin.find((word) => name.includes(word));
  if (within !== undefined) {
    return `give a name without "${within}", which Cognito refuses in the address of the sign-in`;
  }
  return refused.includes(name)
    ? `give another name than "${name}", which is EventBridge's own bus`
    : undefined;
}

/** Returns what to give instead of a DNS name that nobody can delegate (RFC 2606); undefined where one can. */
export const adviceOnZone = (zone: string): string | undefined =>
  /(?:^|\.)(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$/.test(zone)
    ? 'give a name that you can delegate; this one is a placeholder'
    : undefined;
