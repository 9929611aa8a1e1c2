import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** A port that was asked for by number and is taken. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';

  constructor(variable: string, port: number) {
    super(`port ${port} is taken: set ${variable} to another one, or to 0 for any that is free`);
  }
}

/**
 * Chooses the TCP port of a server on 127.0.0.1: the one that was asked for, else the one of the
 * last run if it is still free, else any.
 *
 * @param variable the environment variable that the wish came from, for the message
 * @throws PortTakenError
 */
export async function choosePort(
  wish: number | undefined,
  last: number | undefined,
  variable: string,
): Promise<number> {
  if (wish) {
    if (await freePort(wish)) return wish;
    throw new PortTakenError(variable, wish);
  }
  return (last && (await freePort(last))) || ((await freePort(0)) as number);
}

/** @returns the port, undefined where it is taken */
async function freePort(port: number): Promise<number | undefined> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
  const free = (server.address() as AddressInfo).port;
  server.close();
  await once(server, 'close');
  return free;
}
