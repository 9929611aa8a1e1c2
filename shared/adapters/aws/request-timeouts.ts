let leastConnectionMs = 0;

/**
 * Gives each connection at least this time, and each request twice as much, in a process that works on many large mails at once: while
 * its event loop is busy, a timer ends before the connection that was made meanwhile is seen. Call it
 * before any client is made.
 *
 * @param milliseconds for one connection
 */
export function waitForConnections(milliseconds: number): void {
  leastConnectionMs = milliseconds;
}

/**
 * Returns a request handler's options that give up a hanging connection, before it uses up the
 * function's time. The SDK then tries again, where its retries are on.
 */
export const requestTimeouts = ({ connectionMs = 1_000, requestMs = 5_000 } = {}) => ({
  connectionTimeout: Math.max(connectionMs, leastConnectionMs),
  requestTimeout: Math.max(requestMs, 2 * leastConnectionMs),
  throwOnRequestTimeout: true,
});
