import { buildApp } from '../app.ts';
import { ConfigError } from '../config.ts';

try {
  buildApp(process.env).synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
