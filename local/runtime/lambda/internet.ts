import net from 'node:net';
import tls from 'node:tls';

/** Servers on this machine that replace hosts on the public internet. */
export interface Internet {
  /** The port on 127.0.0.1 that a connection goes to, by the public address that it is made to. */
  readonly ports: Readonly<Record<string, number>>;
  /** The authority that vouches for them, PEM. */
  readonly ca: string;
}

/**
 * Leads this thread's connections to the stand-ins. Functions resolve and judge the addresses as
 * they do on Lambda; only the connection ends elsewhere.
 */
export function reach({ ports, ca }: Internet): void {
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), ca]);
  const connect = Reflect.get(net.Socket.prototype, 'connect');
  net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
    const [options] = args as [{ host?: string; port?: number } | undefined];
    const port = ports[options?.host ?? ''];
    const where = port === undefined ? options : { ...options, host: '127.0.0.1', port };
    return Reflect.apply(connect, this, [where, ...args.slice(1)]) as net.Socket;
  };
}
