/**
 * Returns the options of a client's request handler that give up a connection that hangs, before it
 * uses up the function's time; the SDK then tries again, where its retries are on.
 */
export const requestTimeouts = ({ connectionMs = 1_000, requestMs = 5_000 } = {}) => ({
  connectionTimeout: connectionMs,
  requestTimeout: requestMs,
  throwOnRequestTimeout: true,
});
