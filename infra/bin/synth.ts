/** The app for `npm run synth` and the local run, which need no account and nobody to be notified. */
import { synthesize } from './synthesize.ts';

synthesize({ forDeployment: false });
