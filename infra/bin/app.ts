/** The app that cdk.json names, for `cdk deploy`: placeholders in the configuration are refused. */
import { synthesize } from './synthesize.ts';

synthesize({ forDeployment: true });
