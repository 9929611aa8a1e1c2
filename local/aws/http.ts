import type { Readable } from 'node:stream';

/** One request as it came over the wire, with its body read to the end. */
export interface AwsRequest {
  readonly method: string;
  /** The path as sent, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case; repeated fields are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where there is an `upload`. */
  readonly body: Buffer;
  /** The body of an S3 object, as it comes. */
  readonly upload?: AsyncIterable<Buffer> | undefined;
  /** Aborted when the caller hangs up. */
  readonly signal?: AbortSignal;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A stream has its `content-length` among the headers. */
  readonly body: string | Buffer | Readable;
}

/** A planted fault: the connection is cut and no answer is given. */
export const HANG_UP = Symbol('hang up');
/** A planted fault: the call is done, and its answer lost. */
export const LOSE_ANSWER = Symbol('lose the answer');
/** A planted fault: nothing is done, and no answer comes until the client gives up. */
export const HANG = Symbol('hang');

export type AwsHandler = (request: AwsRequest) => Promise<AwsResponse | typeof HANG_UP>;

/** An error that AWS would answer with; each protocol puts it in its own shape. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Milliseconds since 1970, as `Date.now` gives them; tests put in their own. */
export type Clock = () => number;

/** What may become of a call in place of its answer. */
export type Fault = AwsError | typeof HANG_UP | typeof HANG | typeof LOSE_ANSWER;
