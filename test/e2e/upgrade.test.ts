import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from './support/api.ts';
import { startService } from './support/service.ts';
import { mailauth } from './support/verifiers.ts';

/** The state folders that earlier versions left, the newest last; see CONTRIBUTING.md. */
const fixtures = new URL('../fixtures/stored/', import.meta.url).pathname;
const [latest = ''] = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .toSorted()
  .toReversed();

test(`the state folder of version ${latest} starts: its domains send, its mail is shown`, async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'earlier-state-'));
  execFileSync('tar', ['-xzf', join(fixtures, latest, 'state.tar.gz'), '-C', stateDir]);
  const service = await startService({ stateDir });
  try {
    const { api } = service;
    const name = 'shop.example';
    const { body } = await api.request<{ domains: { name: string; status: string }[] }>(
      'GET',
      '/v1/domains',
    );
    expect(body.domains.map((each) => `${each.name} ${each.status}`).toSorted()).toEqual([
      'gone.example pending',
      'leaked.example verified',
      'own-keys.example pending',
      'shop.example verified',
      'waiting.example pending',
    ]);
    expect((await api.check(name)).body).toMatchObject({ status: 'verified', sending: 'ready' });
    const sent = await api.request<{ messages: { id: string; status: string }[] }>(
      'GET',
      `/v1/messages?domain=${name}`,
    );
    expect(sent.body.messages.map(({ status }) => status).toSorted()).toEqual([
      'bounced',
      'complained',
      'delivered',
    ]);

    const to = 'success@simulator.amazonses.com';
    const mail = `From: Ann <ann@${name}>\r\nTo: ${to}\r\nSubject: After\r\n\r\nHello.\r\n`;
    const { id } = (await api.send(mail)).body;
    await until(
      'the delivery',
      () => api.message(id),
      (answer) => answer.body.status === 'delivered',
      90,
    );
    const [delivered] = (await service.outbox()).map((each) => each.delivered);
    expect(await mailauth(service.dnsPort)([delivered!], name)).toEqual(['pass']);

    // The hosted records of before are still pure functions of the claims.
    expect((await api.request('DELETE', '/v1/domains/waiting.example')).status).toBe(202);
    expect((await api.claim('gone.example')).body).toMatchObject({ lifecycle: 'live' });
  } finally {
    await service.stop();
    rmSync(stateDir, { recursive: true });
  }
});
