import { customerDnsOf } from '../../local/runtime/stand-ins.ts';
import { writeFileAtomically } from '../../local/aws/state-file.ts';
import type { LocalRun } from '../service/run.ts';
import { createTenant, setLimits, suspendTenant } from '../tenant.ts';
import { sampleApi } from './api.ts';
import { manyDomains, otherTenants, ownDomains } from './cast.ts';
import { markOf } from './mark.ts';
import { addDomains } from './domains.ts';
import { addMail } from './mail.ts';
import { samplePorts } from './ports.ts';
import { addReports } from './reports.ts';
import { tenantOf } from '../tenants.ts';
import type { SampleTenant, Stage } from './stage.ts';
import { pastOf } from './time.ts';

/** More than the sample's own calls, checks and mails of a day take. */
const roomy = [
  'calls-minute=100000',
  'checks=100000',
  'claims-hour=100000',
  'pending-claims=100000',
  'waiting-records=100000',
];

/** What the run prints of the sample. */
export interface Sample {
  readonly tenants: readonly { readonly name: string; readonly apiKey: string }[];
}

/**
 * Puts tenants, domains, a month of mail and of reports into a local run.
 *
 * @param further domains of the run's own tenant, beside those that have a story
 */
export async function addSample(run: LocalRun, further: number): Promise<Sample> {
  const { stateDir, endpoints } = run;
  const where = { state: stateDir };
  const ports = samplePorts(run);
  const stage: Stage = {
    ports,
    customerDns: customerDnsOf(stateDir),
    past: pastOf(new Date()),
  };
  try {
    const tenants: { name: string; apiKey: string }[] = [
      { name: 'local', apiKey: endpoints.apiKey },
    ];
    const own: SampleTenant = {
      id: (await tenantOf('local', ports.tenants)).id,
      api: sampleApi(endpoints.api, endpoints.apiKey),
      domains: [...ownDomains, ...manyDomains(further)],
    };
    await setLimits('local', roomy, where);
    const others: (() => Promise<void>)[] = [];
    for (const { name, domains, suspended } of otherTenants) {
      const { key, tenant } = await createTenant(name, where);
      tenants.push({ name, apiKey: key });
      others.push(async () => {
        await addTenant({ id: tenant.id, api: sampleApi(endpoints.api, key), domains }, stage);
        if (suspended !== undefined) await suspendTenant(name, suspended, where);
      });
    }
    await Promise.all([addOwn(own, stage), ...others.map((add) => add())]);
    writeFileAtomically(markOf(stateDir), JSON.stringify({ tenants }, null, 2));
    return { tenants };
  } finally {
    ports.close();
  }
}

async function addOwn(own: SampleTenant, stage: Stage): Promise<void> {
  await addTenant(own, stage);
  await askForPolicies(own);
}

async function addTenant(tenant: SampleTenant, stage: Stage): Promise<void> {
  await addDomains(tenant, stage);
  await Promise.all([addMail(tenant, stage), addReports(tenant, stage)]);
}

/** The settings of the account: a plan, a further sender, a colleague, a key, and mails of today. */
async function askForPolicies({ api }: SampleTenant): Promise<void> {
  await api.call('PATCH', '/v1/domains/acme.example', {
    dmarc: { plan: { ceiling: 'reject', consent: { reject: true } } },
  });
  await api.call('POST', '/v1/users', { email: 'bea@acme.example' });
  await api.call('POST', '/v1/api-keys', { name: 'Shop', scopes: ['messages'] });
  for (const [subject, to] of [
    ['Your order 4711', 'success@simulator.amazonses.com'],
    ['Your order 4712', 'bounce@simulator.amazonses.com'],
    ['Your order 4713', 'complaint@simulator.amazonses.com'],
  ]) {
    await api.call(
      'POST',
      '/v1/messages',
      `From: Acme <orders@acme.example>\r\nTo: ${to}\r\nSubject: ${subject}\r\n\r\nThank you for your order.\r\n`,
    );
  }
}
