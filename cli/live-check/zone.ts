import {
  ChangeResourceRecordSetsCommand,
  type Change,
  GetChangeCommand,
  ListHostedZonesByNameCommand,
} from '@aws-sdk/client-route-53';
import { type Bytes, type Check, CouldNot, demand } from './check.ts';
import type { Lab } from './lab.ts';

async function zoneId({ route53, zone }: Lab): Promise<string> {
  const { HostedZones: zones = [] } = await route53.send(
    new ListHostedZonesByNameCommand({ DNSName: zone }),
  );
  const found = zones.find(({ Name: name }) => name === `${zone}.`);
  if (found?.Id === undefined) throw new CouldNot(`The account has no hosted zone ${zone}.`);
  return found.Id;
}

const nameOf = ({ fresh, zone }: Lab, part: string): string => `${part}.${fresh}.${zone}.`;

const txt = (action: 'UPSERT' | 'DELETE', name: string, value: string): Change => ({
  Action: action,
  ResourceRecordSet: { Name: name, Type: 'TXT', TTL: 60, ResourceRecords: [{ Value: value }] },
});

async function change(lab: Lab, bytes: Bytes, what: string, ...changes: Change[]): Promise<string> {
  const HostedZoneId = await zoneId(lab);
  const { ChangeInfo: info } = await bytes.of(what, () =>
    lab.route53.send(
      new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes: changes } }),
    ),
  );
  return info?.Id ?? '';
}

/** A TXT record of ours, until the end. @returns the id of its change */
async function freshRecord(lab: Lab, bytes: Bytes, part: string, value: string): Promise<string> {
  const name = nameOf(lab, part);
  lab.undo(`the record ${name}`, () => change(lab, bytes, 'DELETE', txt('DELETE', name, value)));
  return change(lab, bytes, `UPSERT ${name}`, txt('UPSERT', name, value));
}

/** Route 53 answers 5 such calls a second; most changes take half a minute. */
const POLL_MS = 2_000;
const POLLS = 60;

async function untilInsync(lab: Lab, bytes: Bytes, id: string): Promise<boolean> {
  for (let poll = 0; poll < POLLS; poll++) {
    const { ChangeInfo: info } = await bytes.of('GetChange', () =>
      lab.route53.send(new GetChangeCommand({ Id: id })),
    );
    if (info?.Status === 'INSYNC') return true;
    await lab.sleep(POLL_MS);
  }
  return false;
}

const REFUSED = ['InvalidChangeBatch'];

export const zone = {
  'change-insync': {
    line: 'A change is INSYNC within two minutes.',
    async run(lab, bytes) {
      const id = await freshRecord(lab, bytes, 'insync', '"v=1"');
      demand(await untilInsync(lab, bytes, id), 'It was still PENDING after two minutes.');
    },
  },
  'long-text': {
    line: 'A TXT of several strings is published as it was written, and what is INSYNC is at the name servers.',
    async run(lab, bytes) {
      const strings = ['a'.repeat(255), 'b'.repeat(255), 'c'];
      const value = strings.map((one) => `"${one}"`).join(' ');
      const id = await freshRecord(lab, bytes, 'long', value);
      await untilInsync(lab, bytes, id);
      const name = nameOf(lab, 'long').slice(0, -1);
      const found = await bytes.of(`TXT ${name}`, () => lab.txt(name));
      demand(found.length === 1 && found[0] === strings.join(''), 'DNS has another text.');
    },
  },
  'cname-conflict': {
    line: 'Route 53 refuses a CNAME beside another record, with the whole batch.',
    async run(lab, bytes) {
      await freshRecord(lab, bytes, 'conflict', '"v=1"');
      await bytes.refused('CREATE of a CNAME', REFUSED, () =>
        change(lab, bytes, 'CNAME', {
          Action: 'UPSERT',
          ResourceRecordSet: {
            Name: nameOf(lab, 'conflict'),
            Type: 'CNAME',
            TTL: 60,
            ResourceRecords: [{ Value: 'example.com' }],
          },
        }),
      );
    },
  },
  'delete-missing': {
    line: 'Route 53 refuses to delete a record that is not there.',
    run: (lab, bytes) =>
      bytes.refused('DELETE of nothing', REFUSED, () =>
        change(lab, bytes, 'DELETE', txt('DELETE', nameOf(lab, 'missing'), '"v=1"')),
      ),
  },
  'delete-other-value': {
    line: 'Route 53 refuses to delete a record whose value is another one.',
    async run(lab, bytes) {
      await freshRecord(lab, bytes, 'value', '"v=1"');
      await bytes.refused('DELETE of another value', REFUSED, () =>
        change(lab, bytes, 'DELETE', txt('DELETE', nameOf(lab, 'value'), '"v=2"')),
      );
    },
  },
} as const satisfies Readonly<Record<string, Check>>;
