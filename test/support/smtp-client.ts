import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';

/** A client that says what a test says, octet by octet, and nothing else. */
export class SmtpClient {
  #socket: Socket | TLSSocket;
  #text = '';

  private constructor(socket: Socket | TLSSocket) {
    this.#socket = socket;
    this.#listen();
  }

  static async tls(port: number): Promise<SmtpClient> {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    const client = new SmtpClient(socket);
    await once(socket, 'secureConnect');
    return client;
  }

  static async plain(port: number): Promise<SmtpClient> {
    const socket = connect({ port, host: '127.0.0.1' });
    const client = new SmtpClient(socket);
    await once(socket, 'connect');
    return client;
  }

  /** Goes on over TLS, after the server has answered STARTTLS. */
  async startTls(): Promise<void> {
    this.#socket.removeAllListeners('data');
    const secure = connectTls({ socket: this.#socket, rejectUnauthorized: false });
    await once(secure, 'secureConnect');
    this.#socket = secure;
    this.#listen();
  }

  get isClosed(): boolean {
    return this.#socket.destroyed || this.#socket.readableEnded;
  }

  /** Sends octets as they are. */
  write(octets: string | Buffer): void {
    this.#socket.write(octets);
  }

  /** Sends one line and answers with the reply to it. */
  async say(line: string): Promise<string> {
    this.write(`${line}\r\n`);
    return this.reply();
  }

  /** Waits for the next reply, all its lines. @throws Error where the server hangs up before */
  async reply(): Promise<string> {
    for (;;) {
      const [whole] = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(this.#text) ?? [];
      if (whole !== undefined) {
        this.#text = this.#text.slice(whole.length);
        return whole.trimEnd();
      }
      if (this.isClosed)
        throw new Error(`the server hung up; it had said ${JSON.stringify(this.#text)}`);
      await sleep(2);
    }
  }

  /** What the server said that no reply was taken of. */
  get unread(): string {
    return this.#text;
  }

  /** Greets, and signs in with a key. @returns the reply to AUTH */
  async signIn(key: string): Promise<string> {
    await this.reply();
    await this.say('EHLO client.example');
    return this.say(`AUTH PLAIN ${Buffer.from(`\0app\0${key}`).toString('base64')}`);
  }

  /** Names an envelope and begins DATA. @returns the reply to DATA */
  async begin(recipients: readonly string[], parameters = ''): Promise<string> {
    await this.say(`MAIL FROM:<app@client.example>${parameters}`);
    for (const recipient of recipients) await this.say(`RCPT TO:<${recipient}>`);
    return this.say('DATA');
  }

  /** Submits a mail. @returns the reply to it */
  async submit(recipients: readonly string[], mail: string | Buffer): Promise<string> {
    await this.begin(recipients);
    this.write(mail);
    this.write(mail.toString('latin1').endsWith('\r\n') ? '.\r\n' : '\r\n.\r\n');
    return this.reply();
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.on('data', (octets: Buffer) => (this.#text += octets.toString('latin1')));
    this.#socket.on('error', () => undefined);
  }
}
