import { describe, expect, test } from 'vitest';
import { until } from './support/api.ts';
import { aWaitingMessage } from './support/given-message.ts';
import { anEffectsDocument, aReportsDocument } from './support/given-reports.ts';
import {
  button,
  findChromium,
  focused,
  inspect,
  overflowOf,
  phone,
  shown,
  signIn,
  tabTo,
} from './support/browser.ts';
import { givenDashboard } from './support/dashboard.ts';

const chromium = findChromium();

describe.skipIf(chromium === undefined)('what the dashboard manages', () => {
  const dashboard = givenDashboard(chromium);

  test('changes a policy, and says what follows', async () => {
    const { service, url, page, api, fieldOf, verified } = dashboard;
    const name = await verified('policy');
    await signIn(page, `${url}/domains/${name}`, api.key);
    await page.getByRole('tab', { name: 'SPF and DMARC', exact: true }).click();
    await button(page, 'Change the policy').waitFor();
    expect(await inspect(page, 'policies')).toEqual([]);
    await button(page, 'Change the policy').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio', { name: 'Reject' }).check();
    await shown(dialog, 'in one step');
    await dialog.getByRole('radio', { name: 'Quarantine' }).check();
    await shown(dialog, 'put to spam from then on');
    expect(await inspect(page, 'change-policy')).toEqual([]);
    await button(dialog, 'Change it').click();
    await shown(page, 'The DMARC policy is now “Quarantine”.');
    await until(
      'the policy in DNS',
      () => service.resolver.resolveTxt(`_dmarc.${name}`).catch(() => []),
      (answers) => answers.flat().join('').includes('p=quarantine'),
      90,
    );

    await button(page, 'Begin a plan').click();
    await dialog.getByRole('radio', { name: 'Reject' }).check();
    await button(dialog, 'Begin it').click();
    await shown(dialog, 'needs your consent; tick it, too.');
    expect(await inspect(page, 'begin-plan')).toEqual([]);
    await dialog.getByRole('checkbox', { name: /^I agree to/ }).check();
    await button(dialog, 'Begin it').click();
    await shown(page, 'The plan goes up to “Reject”.');
    await button(page, 'Hold it here').click();
    await shown(page, 'The plan takes no step beyond “Quarantine”.');
    expect(await inspect(page, 'plan')).toEqual([]);
    await button(page, 'End the plan').click();
    await button(dialog, 'End it').click();
    await shown(page, 'There is no plan');

    const senders = fieldOf('Other senders of yours');
    await senders.fill('ip4:192.0.2.1');
    await button(page, 'Add').click();
    await button(page, 'Remove ip4:192.0.2.1').waitFor();
    await senders.fill('nonsense');
    await button(page, 'Add').click();
    await shown(page, /["“]nonsense["”]/);
    await button(page, 'Remove ip4:192.0.2.1').click();
    await button(page, 'Remove ip4:192.0.2.1').waitFor({ state: 'detached' });
  });

  test('rotates where it is due, says why where it is not, and revokes a compromised key', async () => {
    const { url, page, api, row, verified } = dashboard;
    const name = await verified('keys');
    await signIn(page, `${url}/domains/${name}`, api.key);
    await page.getByRole('tab', { name: 'Signing keys', exact: true }).click();
    await shown(row('zero'), 'Signs', { exact: true });
    expect(await inspect(page, 'keys')).toEqual([]);
    const refused = await api.request('POST', `/v1/domains/${name}/rotations`, {
      json: { reason: 'manual' },
    });
    expect(refused.status).toBe(409);
    await button(page, 'Rotate now').click();
    await shown(page, String(refused.body['detail']).slice(0, 40));

    await button(page, 'A key was compromised').click();
    const dialog = page.getByRole('dialog');
    const revoke = button(dialog, 'Revoke the key');
    expect(await revoke.isDisabled()).toBe(true);
    await dialog.getByRole('checkbox').check();
    expect(await inspect(page, 'compromise')).toEqual([]);
    // The next key takes over where DNS shows it by now, and it may just have been claimed.
    await revoke.click();
    await shown(row('zero'), 'Revoked', { exact: true });
    await shown(row('one'), 'Signs', { exact: true });
    expect((await api.domain(name)).body.dkim).toMatchObject({ current: 'one' });
    await shown(page, 'zero signed, until it was compromised');
    await shown(page, 'one signs', { exact: true });
    expect(await inspect(page, 'keys-timeline')).toEqual([]);
    await page.getByRole('tab', { name: 'Reports', exact: true }).click();
    await shown(page, 'No receiver has reported');
    expect(await inspect(page, 'reports-none')).toEqual([]);
  });

  test('takes what the customer says of a source, and shows what each policy would have done', async () => {
    const { url, page, api, claimed } = dashboard;
    const name = await claimed('sources');
    const said = new Map<string, string>();
    // The figures of receivers take weeks to come; the decisions go to the service.
    await page.route('**/reports?**', (route) =>
      route.fulfill({ json: aReportsDocument(name, said) }),
    );
    await page.route('**/policy-effects', (route) =>
      route.fulfill({ json: anEffectsDocument(name, said) }),
    );
    await page.route('**/sources/*', async (route) => {
      const response = await route.fetch();
      if (!response.ok()) throw new Error(`${response.status()} ${await response.text()}`);
      const { id, decision } = (await response.json()) as { id: string; decision: string };
      said.set(id, decision);
      await route.fulfill({ response });
    });
    await signIn(page, `${url}/domains/${name}?tab=reports`, api.key);
    const sources = page.getByRole('table').filter({ hasText: 'Is it yours?' });
    const effects = page.getByRole('table').filter({ hasText: 'With “Reject”' });
    const rowOf = (table: typeof sources, text: string) =>
      table.getByRole('row').filter({ has: page.getByText(text, { exact: true }) });
    await shown(rowOf(effects, 'esp.example'), '40 refused');
    await shown(page, 'Not ready yet');
    await shown(page, 'from “None” to “Quarantine”');
    expect(await inspect(page, 'reports')).toEqual([]);

    await button(page, 'Confirm esp.example').click();
    await shown(rowOf(sources, 'esp.example'), 'Yours', { exact: true });
    await shown(rowOf(effects, 'esp.example'), 'counts as yours');
    await button(page, 'Ignore 192.0.2.1').click();
    await shown(rowOf(sources, '192.0.2.1'), 'Ignored', { exact: true });
    expect(await inspect(page, 'reports-decided')).toEqual([]);
    await button(page, 'Undo the decision on 192.0.2.1').click();
    await button(page, 'Ignore 192.0.2.1').waitFor();
    expect([...said]).toEqual([
      ['esp.example', 'confirmed'],
      ['192.0.2.1', 'undecided'],
    ]);
  });

  test('shows what a mail waits for, and until when', async () => {
    const { url, page, api, claimed } = dashboard;
    const name = await claimed('waiting');
    const { list, message } = aWaitingMessage(name);
    await page.route('**/v1/messages?**', (route) => route.fulfill({ json: list }));
    await page.route(`**/v1/messages/${message.id}`, (route) => route.fulfill({ json: message }));
    await signIn(page, `${url}/domains/${name}?tab=messages`, api.key);
    await shown(page, 'Waits for its DKIM key in DNS; refused if not sent by');
    await page.getByRole('link', { name: 'b@example.net', exact: true }).click();
    await shown(page, 'leads to none of its DKIM keys');
    await shown(page, 'Refused if not sent by');
    expect(await inspect(page, 'message-held')).toEqual([]);
  });

  test('makes a key that is shown once, and revokes it', async () => {
    const { url, page, api, row } = dashboard;
    await signIn(page, `${url}/api-keys`, api.key);
    await shown(page, 'Made by the operator');
    await button(page, 'Make an API key').click();
    const dialog = page.getByRole('dialog');
    await button(dialog, 'Make it').click();
    await shown(dialog, 'Enter a name');
    await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('the shop');
    await dialog.getByRole('checkbox', { name: 'domains:read' }).check();
    expect(await inspect(page, 'new-api-key')).toEqual([]);
    await button(dialog, 'Make it').click();
    const key = (await dialog.getByText(/^sd_[a-z2-7]{59}$/).textContent()) ?? '';
    const opens = async () =>
      (await fetch(`${api.base}/v1/domains`, { headers: { authorization: `Bearer ${key}` } }))
        .status;
    expect(await opens()).toBe(200);
    await button(dialog, 'I have kept it').click();
    await row('the shop').waitFor();
    expect(await page.getByText(key).count()).toBe(0);
    expect(await inspect(page, 'api-keys')).toEqual([]);

    await button(page, 'Revoke the shop').click();
    await button(page.getByRole('dialog'), 'Revoke').click();
    await shown(row('the shop'), 'Revoked');
    expect(await opens()).toBe(403);
  });

  test('adds a webhook, shows its secret once, and deletes it', async () => {
    const { url, page, api, row } = dashboard;
    await signIn(page, `${url}/webhooks`, api.key);
    await shown(page, 'There are no webhooks.');
    await button(page, 'Add a webhook').click();
    const dialog = page.getByRole('dialog');
    const address = 'https://hooks.example/mail';
    await dialog.getByRole('textbox', { name: 'Address', exact: true }).fill(address);
    await dialog.getByRole('button', { name: 'Events it receives' }).click();
    await page.getByRole('option', { name: 'domain.verified' }).click();
    await page.keyboard.press('Escape');
    await button(dialog, 'Add it').click();
    const secret = (await dialog.getByText(/^whsec_\S+$/).textContent()) ?? '';
    await button(dialog, 'I have kept it').click();
    await row(address).waitFor();
    expect(await page.getByText(secret).count()).toBe(0);
    await button(page, `Deliveries to ${address}`).click();
    await shown(page, 'Nothing has happened');
    await button(page, `Test ${address}`).click();
    await shown(page, 'webhook.test');
    expect(await inspect(page, 'webhooks')).toEqual([]);
    await button(page, `New secret for ${address}`).click();
    await button(dialog, 'Make it').click();
    const next = (await dialog.getByText(/^whsec_\S+$/).textContent()) ?? '';
    expect(next).not.toBe(secret);
    await button(dialog, 'I have kept it').click();
    await button(page, `Delete ${address}`).click();
    await button(page.getByRole('dialog'), 'Delete').click();
    await shown(page, 'There are no webhooks.');
  });

  test('names who is mailed what needs somebody', async () => {
    const { url, page, api, fieldOf } = dashboard;
    // The operator of this service sends no mails.
    await signIn(page, `${url}/notices`, api.key);
    await shown(page, 'No mails are sent');
    expect(await button(page, 'Add an address').isDisabled()).toBe(true);
    let stored = { recipients: [] as { email: string }[], revision: 0, offered: true };
    await page.route('**/v1/notices', async (route) => {
      const request = route.request();
      if (request.method() === 'PATCH') {
        const { recipients, revision } = request.postDataJSON() as typeof stored;
        expect(revision).toBe(stored.revision);
        stored = { recipients, revision: revision + 1, offered: true };
      }
      await route.fulfill({ json: stored });
    });
    await signIn(page, `${url}/notices`, api.key);
    await shown(page, 'Nobody is mailed.');
    await button(page, 'Add an address').click();
    const dialog = page.getByRole('dialog');
    await button(dialog, 'Save').click();
    await shown(dialog, 'Enter an e-mail address.');
    await fieldOf('E-mail address').fill('ann@example.com');
    await dialog.getByRole('button', { name: /Language of the mails/ }).click();
    await page.getByRole('option', { name: 'Deutsch', exact: true }).click();
    await dialog.getByRole('checkbox', { name: 'DMARC' }).uncheck();
    expect(await inspect(page, 'notice')).toEqual([]);
    await button(dialog, 'Save').click();
    await shown(page, 'What is mailed to ann@example.com is saved.');
    await shown(page, 'Deutsch. Records, Lost domains, Keys, Sending, Access.');
    expect(await inspect(page, 'notices')).toEqual([]);
    await page.setViewportSize(phone);
    expect(await overflowOf(page)).toBe(0);
    await button(page, 'Remove ann@example.com').click();
    await shown(page, 'Nobody is mailed.');
    expect(stored).toEqual({ recipients: [], revision: 2, offered: true });
  });

  test('does all that a domain’s page offers by keyboard alone', async () => {
    const { url, page, api, row, verified } = dashboard;
    const name = await verified('keyboard');
    await signIn(page, `${url}/domains`, api.key);
    await page.getByRole('link', { name, exact: true }).waitFor();
    await tabTo(page, name);
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'Records', exact: true }).waitFor();
    await tabTo(page, 'Records');
    await page.keyboard.press('ArrowRight');
    await focused(page, 'Signing keys');
    await page.keyboard.press('ArrowRight');
    await focused(page, 'SPF and DMARC');
    await page.keyboard.press('Enter');
    await button(page, 'Change the policy').waitFor();
    await tabTo(page, 'Change the policy');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await focused(page, 'Change the policy');
    expect(page.url()).toContain(`/domains/${name}?tab=policies`);

    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, /^None/);
    await page.keyboard.press('ArrowDown');
    await focused(page, /^Quarantine/);
    await tabTo(page, 'Change it');
    await page.keyboard.press('Enter');
    await shown(page, 'The DMARC policy is now “Quarantine”.');

    await tabTo(page, 'SPF and DMARC');
    await page.keyboard.press('ArrowLeft');
    await focused(page, 'Signing keys');
    await page.keyboard.press('Enter');
    await button(page, 'A key was compromised').waitFor();
    await tabTo(page, 'A key was compromised');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, /^I want to revoke it/);
    await page.keyboard.press('Space');
    await tabTo(page, 'Revoke the key');
    await page.keyboard.press('Enter');
    await shown(row('zero'), 'Revoked', { exact: true });

    await tabTo(page, 'Signing keys');
    await page.keyboard.press('ArrowLeft');
    await focused(page, 'Records');
    await page.keyboard.press('Enter');
    await button(page, 'Share').waitFor();
    await tabTo(page, 'Share');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Make a link');
    await page.keyboard.press('Enter');
    await shown(page, 'It works until');
    await tabTo(page, 'Done');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Export');
    await page.keyboard.press('Enter');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.keyboard.press('Enter'),
    ]);
    expect(download.suggestedFilename()).toBe(`${name}.zone`);

    await tabTo(page, 'Delete');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, `Type ${name} to confirm`);
    await page.keyboard.type(name);
    await tabTo(page, 'Delete');
    await page.keyboard.press('Enter');
    await button(page, 'Undo the deletion').waitFor();
    await tabTo(page, 'Undo the deletion');
    await page.keyboard.press('Enter');
    await shown(page, 'is kept, with the same records');
    expect((await api.domain(name)).body).toMatchObject({ lifecycle: 'live' });
  });

  test('makes API keys and webhooks, and takes them away, by keyboard alone', async () => {
    const { url, page, api, row } = dashboard;
    await signIn(page, `${url}/api-keys`, api.key);
    await shown(page, 'Made by the operator');
    await tabTo(page, 'Make an API key');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await tabTo(page, 'Name');
    await page.keyboard.type('by hand');
    await tabTo(page, /^domains:read/);
    await page.keyboard.press('Space');
    await tabTo(page, 'Make it');
    await page.keyboard.press('Enter');
    await dialog.getByText(/^sd_[a-z2-7]{59}$/).waitFor();
    await tabTo(page, 'I have kept it');
    await page.keyboard.press('Enter');
    await button(page, 'Revoke by hand').waitFor();
    await tabTo(page, 'Revoke by hand');
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await tabTo(page, 'Revoke');
    await page.keyboard.press('Enter');
    await shown(row('by hand'), 'Revoked');

    await tabTo(page, 'Webhooks');
    await page.keyboard.press('Enter');
    await shown(page, 'There are no webhooks.');
    await tabTo(page, 'Add a webhook');
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await tabTo(page, 'Address');
    await page.keyboard.type('https://hooks.example/by-hand');
    await tabTo(page, /Events it receives/);
    await page.keyboard.press('Enter');
    await page.getByRole('option').filter({ visible: true }).first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await tabTo(page, 'Add it');
    await page.keyboard.press('Enter');
    await dialog.getByText(/^whsec_\S+$/).waitFor();
    await tabTo(page, 'I have kept it');
    await page.keyboard.press('Enter');
    await button(page, 'Delete https://hooks.example/by-hand').waitFor();
    await tabTo(page, 'Delete https://hooks.example/by-hand');
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await tabTo(page, 'Delete');
    await page.keyboard.press('Enter');
    await shown(page, 'There are no webhooks.');
    expect(await api.request('GET', '/v1/webhooks')).toMatchObject({ body: { webhooks: [] } });
  });

  test('deletes a domain after its name was typed, and takes that back', async () => {
    const { url, page, api, verified } = dashboard;
    const name = await verified('short-lived');
    await signIn(page, `${url}/domains/${name}`, api.key);
    await button(page, 'Delete').click();
    const dialog = page.getByRole('dialog');
    expect(await button(dialog, 'Delete').isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: `Type ${name} to confirm`, exact: true }).fill(name);
    expect(await inspect(page, 'delete')).toEqual([]);
    await button(dialog, 'Delete').click();
    await button(page, 'Undo the deletion').click();
    await shown(page, 'is kept, with the same records');
    expect((await api.domain(name)).body).toMatchObject({ lifecycle: 'live' });
  });

  test('shows what was sent from a domain, and what happened to it', async () => {
    const { url, page, api, row, verified } = dashboard;
    const name = await verified('history');
    const to = 'success@simulator.amazonses.com';
    const mail = `From: a@${name}\r\nTo: ${to}\r\nSubject: x\r\n\r\nx\r\n`;
    const sent = await api.send(mail);
    await until(
      'the delivery',
      () => api.message(sent.body.id),
      ({ body }) => body.status === 'delivered',
      90,
    );
    await signIn(page, `${url}/domains/${name}?tab=messages`, api.key);
    await shown(row(to), 'Signed and delivered');
    await shown(page, 'Accepted in the last 30 days: 1 as MIME by the API.');
    expect(await inspect(page, 'messages')).toEqual([]);
    await page.getByRole('link', { name: to, exact: true }).click();
    await shown(page, 'What became of it');
    await shown(page, `zero._domainkey.${name}`);
    expect(page.url()).toContain(sent.body.id);
    expect(await inspect(page, 'message')).toEqual([]);
    await button(page, 'All messages').click();
    await shown(row(to), 'Signed and delivered');

    // The page does not query again by itself.
    await until(
      'all of its events',
      () => api.request<{ events: { type: string }[] }>('GET', `/v1/domains/${name}/events`),
      ({ body }) => body.events.some(({ type }) => type === 'domain.published'),
      90,
    );
    await page.getByRole('tab', { name: 'History', exact: true }).click();
    for (const [what, why] of [
      ['Verified', 'The domain is proven to be yours; mail can be signed.'],
      ['Published', 'The records that yours point at are on all of our name servers.'],
      ['Added', 'The domain was added.'],
    ] as const) {
      await shown(row(why), what, { exact: true });
    }
    expect(await inspect(page, 'history')).toEqual([]);
  });

  test('invites a user, keeps what was typed over a reload, and removes them', async () => {
    const { url, page, api, row, number } = dashboard;
    await signIn(page, `${url}/users`, api.key);
    await shown(page, 'There are no users');
    await button(page, 'Invite a user').click();
    const address = page.getByRole('dialog').getByLabel('E-mail address', { exact: true });
    await address.fill('ann');
    await button(page.getByRole('dialog'), 'Invite').click();
    await shown(page.getByRole('dialog'), 'Enter an e-mail address.');
    const email = `ann-${number}@users.example`;
    await address.fill(email);
    expect(await inspect(page, 'invite-user')).toEqual([]);
    await page.reload();
    await page.getByLabel('API key', { exact: true }).fill(api.key);
    await button(page, 'Sign in').click();
    await button(page, 'Invite a user').click();
    expect(await address.inputValue()).toBe(email);
    await button(page.getByRole('dialog'), 'Invite').click();
    await shown(row(email), 'Invited', { exact: true });
    expect(await inspect(page, 'users')).toEqual([]);
    await button(page, `Remove ${email}`).click();
    await button(page.getByRole('dialog'), 'Remove').click();
    await shown(page, 'There are no users');
  });
});
