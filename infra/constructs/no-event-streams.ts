/**
 * Replaces `@smithy/core/event-streams` in the bundles of functions: no operation that they call
 * answers with a stream of events, and the encoding of such streams is 15 KB of every S3 client.
 */

const unused = (): never => {
  throw new Error('this bundle has no event streams: see infra/constructs/no-event-streams.ts');
};

/** A client's configuration calls it, and no operation what it returns. */
export const eventStreamSerdeProvider = () => ({ serialize: unused, deserialize: unused });

/** It changes the configuration in place, as the SDK's own does. */
export const resolveEventStreamSerdeConfig = <Config extends object>(config: Config) =>
  Object.assign(config, { eventStreamMarshaller: eventStreamSerdeProvider() });

export const EventStreamSerde = unused;
