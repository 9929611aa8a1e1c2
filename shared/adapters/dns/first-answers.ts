const MOST_SERVERS = 1_000;

interface Server {
  /** Resolves to true once the server answered its first question. */
  readonly answers: Promise<boolean>;
  readonly until: number;
}

/**
 * Asks each server one question first; others wait for its answer, and are not sent to a server that
 * kept silent. So a silent server costs a check one time-out, and not one for each name.
 *
 * @param silentMs milliseconds that a silent server is not asked again
 */
export function firstAnswers(silentMs: number) {
  const servers = new Map<string, Server>();
  return async <Reply>(
    address: string,
    ask: () => Promise<Reply | undefined>,
  ): Promise<Reply | undefined> => {
    const known = servers.get(address);
    if (known !== undefined && known.until > Date.now()) {
      return (await known.answers) ? ask() : undefined;
    }
    if (servers.size >= MOST_SERVERS) servers.clear();
    const first = ask();
    const answers = first.then((reply) => reply !== undefined);
    servers.set(address, { answers, until: Date.now() + silentMs });
    return first;
  };
}
