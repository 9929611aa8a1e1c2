import { buildApp, type BuildProps } from '../app.ts';
import { ConfigError } from '../config.ts';

/** Synthesizes the app; what is wrong with the configuration is printed without a stack trace. */
export function synthesize(props: BuildProps): void {
  try {
    buildApp(process.env, props).synth();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
