import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ephemeral ports of systems (32,768 and up on Linux): no connection is given one of them. */
const PORTS = { from: 20_000, below: 32_000 } as const;

/** A port that was asked for by number and is taken. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';

  constructor(variable: string, port: number) {
    super(`port ${port} is taken: set ${variable} to another one, or to 0 for any that is free`);
  }
}

/**
 * Chooses a server's port on 127.0.0.1: the one asked for, else the last run's if it is still free,
 * else 0. A server that listens on 0 gets a port that no other process can take first.
 *
 * @param variable the environment variable that the wish came from, for the message
 * @param also `udp` where the server needs the port there too
 * @throws PortTakenError
 */
export async function choosePort(
  wish: number | undefined,
  last: number | undefined,
  variable: string,
  also?: 'udp',
): Promise<number> {
  if (wish) {
    if (await isFree(wish, also)) return wish;
    throw new PortTakenError(variable, wish);
  }
  return last !== undefined && (await isFree(last, also)) ? last : 0;
}

/**
 * A port that is free at this moment, for a server whose address is needed before it listens. None
 * that a system gives to connections, which would take it meanwhile.
 *
 * @param also `udp` where the server needs the port there too
 */
export async function anyPort(also?: 'udp'): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.below);
    if (await isFree(port, also)) return port;
  }
}

const isFree = async (port: number, also?: 'udp'): Promise<boolean> =>
  (await isFreeTcpPort(port)) && (also === undefined || (await isFreeUdpPort(port)));

async function isFreeUdpPort(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  } finally {
    socket.close();
  }
}

async function isFreeTcpPort(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
