/** The facts about this service that the local run needs and its templates do not contain. */
import { fileURLToPath } from 'node:url';
import type { App } from '../../local/runtime/app.ts';
import { checkSpf } from './spf.ts';

const REGION = 'eu-west-1';
export const ZONE = 'sender-domains.test';

/**
 * The service as an app that the local run can run.
 *
 * @param config options of infra/config.ts that differ from a deployment's defaults: `{shards: 4}`
 */
export function serviceApp(config: Readonly<Record<string, unknown>> = {}): App {
  return {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    main: 'infra/bin/synth.ts',
    inputs: [
      '{infra,lambdas,shared,smtp}/**/*',
      // Without what its build makes.
      'dashboard/*',
      'dashboard/src/!(api)/**/*',
      'dashboard/src/*',
      'dashboard/src/api/!(schema.d|record-titles|event-kinds).ts',
      'dashboard/src/api/*/**/*',
      'docs/openapi.json',
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'cdk.json',
    ],
    region: REGION,
    settings: {
      variable: 'SENDER_DOMAINS_CONFIG',
      // The configuration that a deployment would have in cdk.json, with DNS on this machine.
      of: (dnsPort) => ({
        name: 'sender-domains',
        region: REGION,
        zone: ZONE,
        dns: { resolvers: [`127.0.0.1:${dnsPort}`], authoritativePort: dnsPort },
        // All that can be deployed is tried here.
        rotation: { disclosure: true },
        smtp: { enabled: true },
        ...config,
      }),
    },
    // A deployment signs users in by Cognito; here one signs in by API key.
    siteFiles: { '/config.json': JSON.stringify({ signIn: { kind: 'api-key' } }) },
    checkSpf,
  };
}
