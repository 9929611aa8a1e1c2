import { gzipSync } from 'node:zlib';
import {
  type AggregateReport,
  readAggregateReport,
} from '#shared/core/reports/aggregate-report.ts';
import { readReports } from '#shared/core/reports/read-reports.ts';
import { UnreadableReport } from '#shared/core/reports/unreadable.ts';
import type { Line } from '../lib/line.ts';

const MEGABYTES = 20;
const ROUNDS = 8;

/**
 * Measures the report parser in megabytes of XML a second, on one thread: the XML alone, and a mail
 * with it in a gzip attachment. Reports have few addresses, as most do, or many.
 */
export async function run(emit: (line: Line) => void): Promise<void> {
  for (const [name, addresses] of [
    ['100 addresses', 100],
    ['as many addresses as rows', 1_000_000],
  ] as const) {
    const xml = givenXml(addresses);
    const mail = givenMail(xml);
    const line = { suite: 'reports', subject: 'sender-domains', unit: 'MB/s' };
    const alone = await best(xml.length, () => readAggregateReport([xml]));
    emit({ ...line, case: `XML of ${name}`, value: alone });
    emit({
      ...line,
      case: `mail of ${name}`,
      value: await best(xml.length, () => onlyReport(mail)),
    });
  }
}

async function onlyReport(mail: Buffer): Promise<AggregateReport> {
  const [reading] = await readReports(mail);
  if (reading === undefined || reading instanceof UnreadableReport)
    throw reading ?? new Error('the mail has no reading');
  return reading;
}

/** The best of some rounds, since the machine is not ours alone. */
async function best(
  bytes: number,
  read: () => Promise<{ readonly messages: number }>,
): Promise<number> {
  let most = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    const { messages } = await read();
    if (messages === 0) throw new Error('the report was read as empty');
    most = Math.max(most, bytes / 1_000 / (performance.now() - start));
  }
  return most;
}

function givenXml(addresses: number): Buffer {
  const rows: string[] = [];
  for (let size = 0, n = 0; size < MEGABYTES * 1_000_000; n += 1) {
    const row = rowOf(n % addresses);
    size += row.length;
    rows.push(row);
  }
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>
<feedback>
  <report_metadata>
    <org_name>reporter.example</org_name>
    <report_id>1</report_id>
    <date_range>
      <begin>1793577600</begin>
      <end>1793663999</end>
    </date_range>
  </report_metadata>
  <policy_published>
    <domain>shop.example</domain>
    <p>reject</p>
  </policy_published>
${rows.join('')}</feedback>
`,
  );
}

const rowOf = (n: number): string => `  <record>
    <row>
      <source_ip>10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}</source_ip>
      <count>${(n % 97) + 1}</count>
      <policy_evaluated>
        <disposition>none</disposition>
        <dkim>pass</dkim>
        <spf>pass</spf>
      </policy_evaluated>
    </row>
    <identifiers>
      <envelope_to>receiver.example</envelope_to>
      <envelope_from>bounces.shop.example</envelope_from>
      <header_from>shop.example</header_from>
    </identifiers>
    <auth_results>
      <dkim>
        <domain>shop.example</domain>
        <selector>zero</selector>
        <result>pass</result>
      </dkim>
      <spf>
        <domain>bounces.shop.example</domain>
        <scope>mfrom</scope>
        <result>pass</result>
      </spf>
    </auth_results>
  </record>
`;

function givenMail(xml: Buffer): Buffer {
  const lines = gzipSync(xml).toString('base64').replaceAll(/.{76}/g, '$&\r\n');
  return Buffer.from(
    `From: reports@reporter.example\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines}\r\n`,
  );
}
