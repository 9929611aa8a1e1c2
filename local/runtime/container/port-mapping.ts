/**
 * Loaded into a container's process before its code: a port that it listens on becomes another one
 * of this machine, on 127.0.0.1, as a container's port mapping does. Says by IPC when one listens.
 */
import { Server } from 'node:net';

/** By the port in the container, the one on this machine. */
const mapping = JSON.parse(process.env['CONTAINER_PORTS'] ?? '{}') as Record<string, number>;
delete process.env['CONTAINER_PORTS'];

// It must not outlive the run, which may be killed.
process.once('disconnect', () => process.exit());

// oxlint-disable-next-line typescript/unbound-method -- it is called on each server
const { listen } = Server.prototype;
type Listen = (this: Server, ...given: unknown[]) => Server;

Server.prototype.listen = function mapped(this: Server, ...given: unknown[]): Server {
  const [port, ...rest] = given;
  const target = typeof port === 'number' ? mapping[port] : undefined;
  if (target === undefined) return (listen as Listen).apply(this, given);
  this.once('listening', () => process.send?.({ listening: port }));
  const withoutHost = rest.filter((value) => typeof value !== 'string');
  return (listen as Listen).apply(this, [target, '127.0.0.1', ...withoutHost]);
} as typeof listen;
