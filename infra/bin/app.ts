import { buildApp } from '../app.ts';
import { ConfigError } from '../config.ts';

try {
  buildApp(process.env).synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
