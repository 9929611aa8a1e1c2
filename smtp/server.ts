import { setTimeout as sleep } from 'node:timers/promises';
import {
  SMTPServer,
  type SMTPServerAuthentication,
  type SMTPServerDataStream,
  type SMTPServerOptions,
  type SMTPServerSession,
} from 'smtp-server';
import { RECIPIENTS_PER_MESSAGE } from '#shared/core/model/message.ts';
import { isApiKey, isMistypedApiKey } from '#shared/core/model/api-key.ts';
import { Connections } from './connections.ts';
import { FailedSignIns } from './failed-sign-ins.ts';
import type { SmtpLimits } from './limits.ts';
import type { Identity, SignIn, SmtpLog, SmtpPorts } from './ports.ts';
import { receiver } from './receive.ts';
import { isFault, replies, replyTo } from './replies.ts';
import { type Reply, ReplyError } from './reply.ts';

/** A certificate with its private key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface SmtpServerOptions {
  /** The name that the server greets with. */
  readonly host: string;
  readonly certificate: Certificate;
  readonly limits: SmtpLimits;
  /** The folder for mail that is too large for memory. */
  readonly spool: string;
  readonly log: SmtpLog;
  /** Epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

/** A server for both ways to TLS, which share connections and limits. */
export interface SmtpService {
  /** Listens. @param port 0: any @returns the ports */
  listen(
    ports: { starttls: number; tls: number },
    address: string,
  ): Promise<{
    starttls: number;
    tls: number;
  }>;
  /** Uses another certificate for connections from now on. */
  renew(certificate: Certificate): void;
  /** Takes no more connections, ends idle ones with 421, and waits for mail that is coming in. */
  drain(milliseconds: number): Promise<void>;
}

type Done = (error?: Error | null) => void;

/** The key that a connection has signed in with; it is read again for every mail. */
interface User {
  readonly key: string;
}

/** Makes the SMTP server (RFC 5321, 6409, 3207, 4954) on the ports of the service. */
export function smtpService(ports: SmtpPorts, options: SmtpServerOptions): SmtpService {
  const { limits, log, now = Date.now } = options;
  const connections = new Connections(limits.connections);
  const failures = new FailedSignIns(limits.failedSignIns, now);
  const receive = receiver(ports, { limits, folder: options.spool, log });
  let draining = false;

  const refuse = (session: SMTPServerSession, reply: Reply, tenant?: string): ReplyError => {
    const by = tenant === undefined ? {} : { tenant };
    log.refused({ session: session.id, ...by, reply: `${reply.code} ${reply.text}` });
    return new ReplyError(reply);
  };
  const replyFor = (
    session: SMTPServerSession,
    error: unknown,
    during: string,
    tenant?: string,
  ): ReplyError => {
    const reply = replyTo(error);
    // A client that left hears no reply, and its leaving is no fault of ours.
    if (isClientGone(error)) return new ReplyError(reply);
    const by = tenant === undefined ? {} : { tenant };
    if (isFault(reply)) log.failed({ session: session.id, ...by, during }, error);
    return refuse(session, reply, tenant);
  };

  /** Reads a key. @throws ReplyError where the key store is out */
  const readKey = async (session: SMTPServerSession, key: string): Promise<SignIn> =>
    ports.signIn(key, session.remoteAddress).catch((error: unknown): never => {
      log.failed({ session: session.id, during: 'reading an API key' }, error);
      throw refuse(session, replies.keyStoreOut());
    });

  /** Reads the key and answers who it is, or how the client is refused. */
  async function identify(session: SMTPServerSession, key: string): Promise<Identity> {
    const signIn = await readKey(session, key);
    const reply = signInReply(signIn);
    if (reply !== undefined) throw refuse(session, reply);
    return (signIn as Extract<SignIn, { identity: Identity }>).identity;
  }

  async function authenticate(
    { username = '', password }: SMTPServerAuthentication,
    session: SMTPServerSession,
  ): Promise<User> {
    const address = session.remoteAddress;
    const wait = failures.waitOf(address);
    if (wait > 0) throw refuse(session, replies.tooManyFailures(wait));
    // Clients that ask for one field only get the key as the user's name.
    const key = isApiKey(password ?? '') ? (password as string) : username;
    const signIn: SignIn = isApiKey(key)
      ? await readKey(session, key)
      : { kind: 'refused', reason: notAKey(key) };
    if (signIn.kind === 'refused') {
      failures.add(address);
      await sleep(limits.failedSignInDelayMs);
      throw refuse(session, replies.badKey(signIn.reason));
    }
    const tooMany = connections.signIn(session.id, signIn.identity.tenant);
    if (tooMany !== undefined) throw refuse(session, tooMany, signIn.identity.tenant);
    return { key };
  }

  async function takeMail(data: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
    let tenant: string | undefined;
    try {
      const identity = await identify(session, (session.user as User).key);
      tenant = identity.tenant;
      const { rcptTo, mailFrom } = session.envelope;
      const size = mailFrom && mailFrom.args ? Number(mailFrom.args['SIZE']) : Number.NaN;
      const accepted = await receive({
        session: session.id,
        identity,
        recipients: rcptTo.map(({ address }) => ports.recipient(address)),
        declaredOctets: Number.isSafeInteger(size) && size > 0 ? size : undefined,
        data,
      });
      const message = accepted.id;
      log.accepted({ session: session.id, tenant, message, octets: data.byteLength });
      return replies.accepted(accepted.id, accepted.repairs).text;
    } catch (error) {
      if (error instanceof ReplyError) throw error;
      throw replyFor(session, error, 'submitting a mail', tenant);
    }
  }

  const handlers: SMTPServerOptions = {
    onConnect(session, done) {
      const refusal = draining
        ? replies.draining()
        : connections.enter(session.id, session.remoteAddress, now());
      // A client that is offered AUTH before TLS would send its key in the clear.
      if (!session.secure) session.disabledCommands = [...disabledCommands, 'AUTH'];
      done(refusal && new ReplyError(refusal));
    },
    onSecure(_socket, session, done) {
      session.disabledCommands = disabledCommands;
      done();
    },
    onMailFrom(_address, session, done) {
      done(session.user === undefined ? new ReplyError(replies.signInFirst()) : undefined);
    },
    onAuth(auth, session, done) {
      settle(authenticate(auth, session), (user) => done(null, { user }), done);
    },
    onRcptTo({ address }, session, done) {
      done(refusedRecipient(session, address));
    },
    onData(data, session, done) {
      connections.setBusy(session.id, true);
      const end = (error?: Error | null, text?: string): void => {
        // The reply is sent once the data has ended, and smtp-server resets the session then.
        done(error, text);
        if (data.readableEnded || data.destroyed) afterMail(session.id);
        else data.once('close', () => afterMail(session.id));
      };
      settle(takeMail(data, session), (text) => end(null, text), end);
    },
    onClose(session) {
      connections.leave(session.id);
    },
  };

  function refusedRecipient(session: SMTPServerSession, address: string): Error | undefined {
    if (session.envelope.rcptTo.length >= RECIPIENTS_PER_MESSAGE) {
      return refuse(session, replies.tooManyRecipients(RECIPIENTS_PER_MESSAGE));
    }
    try {
      ports.recipient(address);
      return undefined;
    } catch (error) {
      return replyFor(session, error, 'checking a recipient');
    }
  }

  const servers = {
    starttls: new SMTPServer({ ...common(options), ...handlers, secure: false }),
    tls: new SMTPServer({ ...common(options), ...handlers, secure: true }),
  };
  for (const server of Object.values(servers)) {
    // A connection that failed; the server goes on.
    server.on('error', (error: Error & { code?: string }) => {
      if (!isClientGone(error)) log.failed({ session: '-', during: 'a connection' }, error);
    });
  }

  function afterMail(id: string): void {
    connections.setBusy(id, false);
    if (draining) setImmediate(() => endIdle());
  }

  /** Ends connections by a reply 421. */
  function endWhere(isDue: (id: string) => boolean, { code, text }: Reply): void {
    for (const server of Object.values(servers)) {
      for (const connection of server.connections) {
        if (isDue(connection.id)) connection.send(code, text);
      }
    }
  }

  /** Ends the connections on which no mail comes in; `close` of smtp-server leaves them open. */
  const endIdle = (): void => endWhere((id) => !connections.isBusy(id), replies.draining());

  const endUnknown = (): void => {
    const latest = now() - limits.signInMs;
    endWhere((id) => connections.isUnknownSince(id, latest), replies.signInLate());
  };
  const ending = setInterval(endUnknown, Math.min(ENDING_MS, limits.signInMs)).unref();

  return {
    async listen(at, address) {
      const listening = async (server: SMTPServer, port: number): Promise<number> => {
        await new Promise<void>((resolve, reject) => {
          server.server.once('error', reject);
          server.listen(port, address, resolve);
        });
        return (server.server.address() as { port: number }).port;
      };
      return {
        starttls: await listening(servers.starttls, at.starttls),
        tls: await listening(servers.tls, at.tls),
      };
    },

    renew(certificate) {
      for (const server of Object.values(servers)) server.updateSecureContext(certificate);
    },

    async drain(milliseconds) {
      draining = true;
      clearInterval(ending);
      const closed = Object.values(servers).map(
        (server) => new Promise<void>((resolve) => server.close(() => resolve())),
      );
      endIdle();
      await Promise.race([Promise.all(closed), sleep(milliseconds, undefined, { ref: false })]);
    },
  };
}

/** Connections that did not sign in are ended at most so many milliseconds too late. */
const ENDING_MS = 5_000;

const disabledCommands = ['VRFY', 'EXPN'];

/** What both servers have in common. */
const common = ({ host, certificate, limits }: SmtpServerOptions): SMTPServerOptions => ({
  ...certificate,
  name: host,
  size: limits.mailOctets,
  authMethods: ['PLAIN', 'LOGIN'],
  authRequiredMessage: replies.signInFirst().text,
  disabledCommands,
  disableReverseLookup: true,
  hideSMTPUTF8: true,
  hideDSN: true,
  hideENHANCEDSTATUSCODES: true,
  socketTimeout: limits.silenceMs,
  // Mail that is coming in when the server drains has this long; see `drain`.
  closeTimeout: limits.silenceMs,
  // Connections that have not come to their greeting; the others are counted by `Connections`.
  maxClients: 2 * limits.connections.total,
  minVersion: 'TLSv1.2',
  logger: false,
});

const notAKey = (given: string): string =>
  isMistypedApiKey(given)
    ? 'The password is an API key with a missing or wrong character; copy it again.'
    : 'The password is no API key of this service.';

function signInReply(signIn: SignIn): Reply | undefined {
  switch (signIn.kind) {
    case 'ok':
      return undefined;
    case 'refused':
      return replies.badKey(signIn.reason);
    case 'suspended':
      return replies.suspended();
    case 'closed':
      return replies.closed();
  }
}

/** Hands a promise's outcome to callbacks, as smtp-server wants them. */
function settle<T>(promise: Promise<T>, done: (value: T) => void, failed: Done): void {
  promise.then(done, (error: Error) => failed(error));
}

const goneCodes = new Set([
  'ECONNECTION',
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
  'SocketError',
  'TLSError',
]);

/** Returns true if the other side ended the connection, or could not agree on TLS. */
function isClientGone(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== 'string') return false;
  return goneCodes.has(code) || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS');
}
