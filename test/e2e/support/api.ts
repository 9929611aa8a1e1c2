import { setTimeout as sleep } from 'node:timers/promises';

export interface Answer<Body = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: Body;
  text: string;
}

export interface RecordDocument {
  id: string;
  purpose: string;
  name: string;
  type: string;
  value: string;
  required: boolean;
  status: string;
  observed: string[];
  hint?: string;
}

export interface DomainDocument {
  name: string;
  status: string;
  sending: string;
  records: RecordDocument[];
  dkim: Record<string, unknown> & { current: string };
  checkedAt: string | null;
  createdAt: string;
  verifiedAt?: string;
}

export interface MessageDocument {
  readonly counts: Readonly<Record<string, number>>;
  id: string;
  status: string;
  reasons: string[];
  expectedAt: string | null;
  expiresAt: string | null;
  held: { code: string; since: string } | null;
  recipients: { address: string; state: string; detail?: string }[];
  unclearAttempts: number;
}

/** The API as one tenant uses it. */
export class Api {
  readonly base: string;
  readonly key: string;

  constructor(base: string, key: string) {
    this.base = base;
    this.key = key;
  }

  async request<Body = Record<string, unknown>>(
    method: string,
    path: string,
    options: { json?: unknown; body?: Uint8Array | string; headers?: Record<string, string> } = {},
  ): Promise<Answer<Body>> {
    const asked = fetch(`${this.base}${path}`, {
      method,
      headers: {
        ...(this.key === '' ? {} : { authorization: `Bearer ${this.key}` }),
        ...(options.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.json !== undefined
        ? { body: JSON.stringify(options.json) }
        : options.body !== undefined
          ? { body: typeof options.body === 'string' ? options.body : new Uint8Array(options.body) }
          : {}),
    });
    const response = await waiting(asked);
    const text = await response.text();
    const json = (response.headers.get('content-type') ?? '').includes('json');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (json ? JSON.parse(text) : {}) as Body,
    };
  }

  claim(name: string, headers: Record<string, string> = {}): Promise<Answer<DomainDocument>> {
    return this.request<DomainDocument>('POST', '/v1/domains', { json: { name }, headers });
  }

  domain(name: string): Promise<Answer<DomainDocument>> {
    return this.request<DomainDocument>('GET', `/v1/domains/${name}`);
  }

  /** Has a domain checked, and awaits the result of that check. */
  async check(name: string): Promise<Answer<DomainDocument>> {
    const asked = await waiting(this.request<DomainDocument>('POST', `/v1/domains/${name}/checks`));
    if (asked.status !== 202) return asked;
    return until(
      `a check of ${name}`,
      () => this.domain(name),
      ({ status, body }) => status !== 200 || body.checkedAt !== asked.body.checkedAt,
    );
  }

  async zoneFile(name: string): Promise<string> {
    const answer = await this.request('GET', `/v1/domains/${name}/records?format=bind`);
    if (answer.status !== 200) throw new Error(`bind export: ${answer.status} ${answer.text}`);
    return answer.text;
  }

  /**
   * The zone of a customer who enters every record, also in place of records that are there: an
   * export leaves out what it could not add beside them.
   */
  async wholeZone(name: string): Promise<string> {
    const { body } = await this.domain(name);
    const lines = body.records.map((record) => {
      const quoted = (record.value.match(/.{1,255}/g) ?? []).map((part) => `"${part}"`).join(' ');
      const value = record.type === 'TXT' ? quoted : `${record.value.replace(/\.$/, '')}.`;
      return `${record.name}. 60 IN ${record.type} ${value}`;
    });
    return `${lines.join('\n')}\n`;
  }

  send(
    raw: Uint8Array | string,
    recipients: readonly string[] = [],
    headers: Record<string, string> = {},
  ): Promise<
    Answer<{
      id: string;
      status: string;
      repairs: { code: string }[];
      detail?: string;
      type?: string;
    }>
  > {
    const query = recipients.map((address) => `recipient=${encodeURIComponent(address)}`).join('&');
    return this.request('POST', `/v1/messages${query === '' ? '' : `?${query}`}`, {
      body: raw,
      headers: { 'content-type': 'message/rfc822', ...headers },
    });
  }

  /** Uploads content. @returns the id of the upload, and the status of the PUT */
  async upload(content: Uint8Array): Promise<{ id: string; sent: number }> {
    const { body } = await this.request<{
      id: string;
      url: string;
      headers: Record<string, string>;
    }>('POST', '/v1/uploads', { json: { size: content.length } });
    // fetch gives the length of the body itself.
    const { 'content-length': _, ...headers } = body.headers;
    const answer = await fetch(body.url, {
      method: 'PUT',
      headers,
      body: new Uint8Array(content),
    });
    return { id: body.id, sent: answer.status };
  }

  message(id: string): Promise<Answer<MessageDocument>> {
    return this.request<MessageDocument>('GET', `/v1/messages/${id}`);
  }
}

/** Milliseconds between polls: short ones first, since most comes about at once. */
const POLL = { first: 10, longest: 300 };

/** Milliseconds between two calls of what is called while tests wait. */
const CALL_EVERY = 25;

/** Is called again and again while tests wait for something. */
export const whileWaiting = new Set<() => Promise<void>>();

/** Waits for work, and meanwhile calls what is to be called. */
export async function waiting<T>(work: Promise<T>): Promise<T> {
  const state = { open: true };
  const done = work.finally(() => (state.open = false));
  // Its failure is for those who wait for it, below.
  done.catch(() => {});
  while (state.open) {
    await Promise.race([done.catch(() => {}), sleep(CALL_EVERY)]);
    for (const call of state.open ? whileWaiting : []) await call();
  }
  return done;
}

/**
 * Polls until `done` holds of what `read` gives.
 *
 * @throws Error with the last value once `seconds` are over
 */
export const until = <T>(
  what: string,
  read: () => Promise<T>,
  done: (value: T) => boolean,
  seconds = 30,
): Promise<T> => waiting(poll(what, read, done, seconds));

async function poll<T>(
  what: string,
  read: () => Promise<T>,
  done: (value: T) => boolean,
  seconds: number,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (let pause = POLL.first; ; pause = Math.min(2 * pause, POLL.longest)) {
    const value = await read();
    if (done(value)) return value;
    if (performance.now() > deadline) {
      throw new Error(
        `${what} did not come about within ${seconds} s; last seen: ${JSON.stringify(value)?.slice(0, 3000)}`,
      );
    }
    await sleep(pause);
  }
}
