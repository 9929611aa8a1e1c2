/** The facts about this service that the local run needs and its templates do not contain. */
import { fileURLToPath } from 'node:url';
import type { App } from '../../local/runtime/app.ts';
import { builtDashboard, DASHBOARD_FILES } from './dashboard-build.ts';
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
    main: 'infra/bin/app.ts',
    inputs: [
      '{infra,lambdas,shared}/**/*',
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
        ...config,
      }),
    },
    site: {
      folder: DASHBOARD_FILES,
      // `npm run dashboard:deploy` uploads another one: here one signs in by API key.
      beside: { '/config.json': JSON.stringify({ signIn: { kind: 'api-key' } }) },
      build: builtDashboard,
    },
    checkSpf,
  };
}
