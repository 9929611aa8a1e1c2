import { execFile, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quickTour, tourCommands } from '../../cli/service/quick-tour.ts';
import { startService, type Service } from './support/service.ts';

const root = resolve(import.meta.dirname, '../..');
const missing = ['bash', 'curl', 'jq', 'dig'].filter(
  (tool) => spawnSync('which', [tool]).status !== 0,
);
if (missing.length > 0) {
  console.warn(
    `\n*** ${missing.join(', ')} NOT FOUND: README's tour is NOT RUN. Install with apt-get install curl jq dnsutils. ***\n`,
  );
}

describe.skipIf(missing.length > 0)('the tour of README.md, pasted whole', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service?.stop());

  test('ends with a signature that verifies, and is what npm start prints', async () => {
    const commands = tourCommands(service.stateDir, root);
    expect(quickTour(service.local, root)).toContain(commands);
    expect(commands).not.toMatch(/\.local\/|<[a-z]+>|LABEL/);

    const run = promisify(execFile);
    const { stdout } = await run('bash', ['-c', commands], { cwd: root, timeout: 110_000 });

    expect(stdout).toContain('"status":"pending"');
    const [last = ''] = stdout.split('Authentication-Results:').slice(1);
    expect(last).toMatch(/dkim=pass[^;]*header\.d=example\.com/s);
  });
});
