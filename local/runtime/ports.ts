import { createSocket } from 'node:dgram';
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
  const free = async (port: number): Promise<number | undefined> => {
    const found = await freeTcpPort(port);
    return found !== undefined && (also === undefined || (await isFreeUdpPort(found)))
      ? found
      : undefined;
  };
  if (wish) {
    if (await free(wish)) return wish;
    throw new PortTakenError(variable, wish);
  }
  return (last && (await free(last))) || 0;
}

/** A port that is free at this moment, for a server whose address is needed before it listens. */
export async function anyPort(): Promise<number> {
  let port: number | undefined;
  while (port === undefined) port = await freeTcpPort(0);
  return port;
}

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

/** @returns the port, undefined where it is taken */
async function freeTcpPort(port: number): Promise<number | undefined> {
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
