import { randomUUID } from 'node:crypto';
import type { AwsHandler } from './http.ts';
import { AwsError } from './http.ts';
import { JsonInput, jsonResponse, targetOperation } from './json-protocol.ts';

/** An event as EventBridge hands it to a rule's target. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface EventBridgeOptions {
  readonly region: string;
  readonly accountId: string;
  /** Returns true if a bus of this name was declared. */
  readonly hasBus: (name: string) => boolean;
  /** Takes an event to the targets of the rules that match it. */
  readonly deliver: (busName: string, event: BusEvent) => Promise<void>;
}

export interface EventBridge {
  readonly handle: AwsHandler;
}

const MOST_ENTRIES = 10;
/** Of one entry; here its detail, which is most of it. */
const MOST_OCTETS = 256 * 1024;

/** The bus that an entry names, by name or ARN; `default` where it names none. */
export const busNameOf = (entry: Readonly<Record<string, unknown>>): string =>
  (optional(entry, 'EventBusName') ?? 'default').replace(/^.*\//, '');

/** The entries of a PutEvents call. */
export function entriesOf(input: JsonInput): readonly Readonly<Record<string, unknown>>[] {
  const { Entries: entries } = input.fields;
  if (!Array.isArray(entries) || entries.length < 1 || entries.length > MOST_ENTRIES) {
    throw new AwsError('ValidationException', `Entries must have 1 to ${MOST_ENTRIES} items.`);
  }
  return entries as Readonly<Record<string, unknown>>[];
}

/** EventBridge's PutEvents: each entry is taken, or refused with its reason, on its own. */
export function createEventBridge(options: EventBridgeOptions): EventBridge {
  return {
    async handle(request) {
      const operation = targetOperation(request);
      if (operation !== 'PutEvents') {
        throw new AwsError(
          'UnknownOperationException',
          `The EventBridge stand-in has no ${operation}.`,
        );
      }
      const results = [];
      for (const entry of entriesOf(new JsonInput(request.body).only('Entries'))) {
        results.push(await put(entry, options));
      }
      const failed = results.filter((result) => 'ErrorCode' in result).length;
      return jsonResponse({ FailedEntryCount: failed, Entries: results });
    },
  };
}

async function put(
  entry: Readonly<Record<string, unknown>>,
  { region, accountId, hasBus, deliver }: EventBridgeOptions,
): Promise<{ EventId: string } | { ErrorCode: string; ErrorMessage: string }> {
  const unknown = Object.keys(entry).filter(
    (name) =>
      !['EventBusName', 'Source', 'DetailType', 'Detail', 'Time', 'Resources'].includes(name),
  );
  if (unknown.length > 0) {
    throw new AwsError('ValidationException', `The stand-in does not support ${unknown.join()}.`);
  }
  const bus = busNameOf(entry);
  const [source, detailType, detail] = ['Source', 'DetailType', 'Detail'].map((name) =>
    optional(entry, name),
  );
  if (!source || !detailType || detail === undefined) {
    return refused('InvalidArgument', 'Source, DetailType and Detail are required.');
  }
  if (Buffer.byteLength(detail) > MOST_OCTETS) {
    return refused('InvalidArgument', `An entry has at most ${MOST_OCTETS} octets.`);
  }
  const parsed = objectOf(detail);
  if (parsed === undefined) return refused('MalformedDetail', 'Detail is malformed.');
  // AWS takes events for a bus that is not there and drops them; here it is a mistake of ours.
  if (!hasBus(bus)) return refused('InvalidArgument', `There is no event bus ${bus}.`);
  const time = entry['Time'];
  const id = randomUUID();
  await deliver(bus, {
    version: '0',
    id,
    'detail-type': detailType,
    source,
    account: accountId,
    // The JSON protocol has times as seconds since 1970.
    time: `${new Date(typeof time === 'number' ? time * 1000 : Date.now()).toISOString().slice(0, 19)}Z`,
    region,
    resources: (entry['Resources'] as readonly string[] | undefined) ?? [],
    detail: parsed,
  });
  return { EventId: id };
}

const refused = (code: string, message: string) => ({ ErrorCode: code, ErrorMessage: message });

function objectOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    // Any text can be sent as a detail.
    return undefined;
  }
}

function optional(entry: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = entry[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new AwsError('SerializationException', `${name} is not a string.`);
}
