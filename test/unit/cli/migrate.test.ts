import { expect, test } from 'vitest';
import { CommandError } from '../../../cli/command.ts';
import { migrate, type Ask } from '../../../cli/ops/migrate.ts';

type Asked = Parameters<Ask>[0];

function givenApi() {
  const asked: Asked[] = [];
  const ask: Ask = async (request) => {
    asked.push(request);
    return { id: 'im_1' };
  };
  return { asked, ask };
}

const domains = JSON.stringify({ items: [{ name: 'a.example' }, { name: 'b.example' }] });
const bounces = JSON.stringify({
  items: Array.from({ length: 201 }, (_, index) => ({ address: `a${index}@example.com` })),
});

test('tenants and suppressions come before the domains', async () => {
  const { asked, ask } = givenApi();
  const migrated = await migrate(
    {
      service: 'mailgun',
      domains,
      suppressions: [{ text: bounces, reason: 'bounce' }],
      tenant: 'c-1',
      dryRun: false,
    },
    ask,
  );
  expect(migrated).toEqual({ tenants: 1, domains: 2, suppressions: 201, importId: 'im_1' });
  expect(asked.map(({ path, tenant }) => [path, tenant])).toEqual([
    ['/v1/tenants', undefined],
    ['/v1/suppressions', 'c-1'],
    ['/v1/suppressions', 'c-1'],
    ['/v1/imports?dryRun=false', undefined],
  ]);
  expect(asked.at(-1)?.body).toBe(
    '"externalId","domain","contact","language"\n"c-1","a.example","",""\n"c-1","b.example","",""',
  );
});

test('a map gives each domain its tenant and contact; a dry run stores nothing', async () => {
  const { asked, ask } = givenApi();
  const map = 'domain,externalId,contact\na.example,c-1,ann@agency.example\nb.example,c-2,\n';
  const suppressions = [{ text: bounces, reason: 'bounce' }] as const;
  await migrate({ service: 'mailgun', domains, suppressions, map, dryRun: true }, ask);
  expect(asked.map(({ path }) => path)).toEqual(['/v1/imports?dryRun=true']);
  expect(asked[0]?.body).toContain('"c-1","a.example","ann@agency.example",""');
  const short = { service: 'mailgun', domains, suppressions, dryRun: true } as const;
  const wrong = migrate({ ...short, map: 'domain,externalId\na.example,c-1\n' }, ask);
  await expect(wrong).rejects.toThrow('no externalId for b.example');
});

test('an export that cannot be read stores nothing', async () => {
  const { asked, ask } = givenApi();
  const wrong = migrate(
    { service: 'ses', domains, suppressions: [], tenant: 'c-1', dryRun: false },
    ask,
  );
  await expect(wrong).rejects.toThrow(CommandError);
  expect(asked).toEqual([]);
});
