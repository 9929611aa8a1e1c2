import type { AuthorizerContext, RefusedCaller } from '#shared/api/http.ts';

interface Ports {
  /** Returns true if waiting helps. */
  readonly isOutage: (error: unknown) => boolean;
  readonly log: (error: unknown) => void;
}

/**
 * Returns who calls; where that cannot be read since a service is out, a caller that the functions
 * refuse in words, with the time to try again: of a failed authorizer API Gateway says 500 and no more.
 *
 * @throws what `authorize` throws, where waiting does not help
 */
export async function refusedWhileOut(
  authorize: () => Promise<AuthorizerContext | undefined>,
  { isOutage, log }: Ports,
): Promise<AuthorizerContext | undefined> {
  try {
    return await authorize();
  } catch (error) {
    if (!isOutage(error)) throw error;
    log(error);
    return { scopes: '', refused: 'unavailable' satisfies RefusedCaller };
  }
}
