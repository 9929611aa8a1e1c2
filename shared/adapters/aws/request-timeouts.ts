/**
 * Returns a request handler's options that give up a hanging connection, before it uses up the
 * function's time. The SDK then tries again, where its retries are on.
 */
export const requestTimeouts = ({ connectionMs = 1_000, requestMs = 5_000 } = {}) => ({
  connectionTimeout: connectionMs,
  requestTimeout: requestMs,
  throwOnRequestTimeout: true,
});
