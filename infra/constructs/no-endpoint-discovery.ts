/**
 * Replaces `@aws-sdk/middleware-endpoint-discovery` in the bundles of functions: DynamoDB's client
 * asks for endpoints only where a profile or a variable says so, which Lambda has not, and the cache
 * of their names is 9 KB of every bundle.
 */

export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
};

/** Leaves discovery off. It changes the configuration in place, as the SDK's own does. */
export const resolveEndpointDiscoveryConfig = <Config extends object>(config: Config) =>
  Object.assign(config, {
    endpointDiscoveryEnabled: async () => false,
    isClientEndpointDiscoveryEnabled: false,
  });
