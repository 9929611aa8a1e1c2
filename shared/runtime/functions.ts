/** The functions, by the name of their folder in `lambdas/`; role names derive from them. */
export const functionNames = [
  'authorizer',
  'api-keys',
  'domains',
  'messages',
  'relay',
  'announcer',
  'webhooks',
  'webhook-settings',
  'historian',
  'publisher',
  'insync',
  'reconciler',
  'identities',
  'check-planner',
  'checker',
  'flattener',
  'signer',
  'ses-events',
  'rotation-planner',
  'rotation-worker',
  'disclosure',
  'reports',
  'roll-out-planner',
  'roll-out',
] as const;

export type FunctionName = (typeof functionNames)[number];
