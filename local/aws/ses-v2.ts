import { randomUUID } from 'node:crypto';
import { AwsError } from './http.ts';
import type { AwsRequest, AwsResponse } from './http.ts';
import { addressesIn, checkAddress } from './ses-address.ts';
import type { SendRequest } from './ses-send-request.ts';
import { MAX_RECIPIENTS, readTags } from './ses-send-request.ts';

/** Octets of base64 that SES v2 takes for a message: its 40 MB, by the stricter reading. */
const MAX_BASE64 = 40_000_000;

const bad = (message: string): AwsError => new AwsError('BadRequestException', message);

/** The operations of SES v2 that the stand-in has, by method and path. */
const OPERATIONS: Readonly<Record<string, 'SendEmail' | 'GetAccount'>> = {
  'POST /v2/email/outbound-emails': 'SendEmail',
  'GET /v2/email/account': 'GetAccount',
};

/** Returns true if a request to SES is one of API v2. */
export const isV2 = ({ path }: Pick<AwsRequest, 'path'>): boolean => path.startsWith('/v2/');

/**
 * Returns the operation of SES v2 that a request is for.
 *
 * @throws AwsError where the stand-in has none
 */
export function v2Operation({ method, path }: Pick<AwsRequest, 'method' | 'path'>) {
  const operation = OPERATIONS[`${method} ${path.replace(/(?<=.)\/$/, '')}`];
  if (operation !== undefined) return operation;
  throw new AwsError('NotFoundException', `The SES stand-in has no ${method} ${path}.`, 404);
}

type Fields = Readonly<Record<string, unknown>>;

/** Refuses fields that the stand-in does not know, so that none is ignored. */
function structure(value: unknown, name: string, ...known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw bad(`${name} is not a structure.`);
  }
  const unknown = Object.keys(value).find((field) => !known.includes(field));
  if (unknown !== undefined) throw bad(`The stand-in does not support ${name}.${unknown}.`);
  return value as Fields;
}

function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw bad(`${name} is not a text.`);
}

function texts(fields: Fields, name: string): readonly string[] {
  const value = fields[name] ?? [];
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  throw bad(`${name} is not a list of texts.`);
}

/** What names the caller and the resources of a SendEmail call. */
export interface SendHead {
  readonly from: string;
  readonly configurationSet: string | undefined;
}

const HEAD = ['FromEmailAddress', 'ConfigurationSetName'];

/** Reads a request's body once: the gateway asks for its names, the stand-in for all of it. */
const parsed = new WeakMap<Buffer, Fields>();

function fieldsOf({ body }: Pick<AwsRequest, 'body'>): Fields {
  const known = parsed.get(body);
  if (known !== undefined) return known;
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw bad('The request body is not JSON.');
  }
  const fields = structure(value, 'SendEmail', ...HEAD, 'Content', 'Destination', 'EmailTags');
  parsed.set(body, fields);
  return fields;
}

/** @throws AwsError */
export function sendHead(request: Pick<AwsRequest, 'body'>): SendHead {
  const fields = fieldsOf(request);
  const from = optionalText(fields, 'FromEmailAddress');
  if (from === undefined) throw bad('The stand-in takes the sender from FromEmailAddress only.');
  return { from, configurationSet: optionalText(fields, 'ConfigurationSetName') };
}

/**
 * Reads the parameters of SendEmail with raw content and checks all but the message.
 *
 * @throws AwsError in SES's words
 */
export function readSendEmail(request: Pick<AwsRequest, 'body'>): SendRequest {
  const fields = fieldsOf(request);
  const { from, configurationSet } = sendHead(request);
  const destination = structure(
    fields['Destination'] ?? {},
    'Destination',
    'ToAddresses',
    'CcAddresses',
    'BccAddresses',
  );
  const destinations = ['ToAddresses', 'CcAddresses', 'BccAddresses'].flatMap((name) =>
    texts(destination, name),
  );
  if (destinations.length === 0) {
    throw bad('The stand-in takes the recipients from Destination only.');
  }
  if (destinations.length > MAX_RECIPIENTS) throw bad(`Recipient count exceeds ${MAX_RECIPIENTS}.`);
  for (const address of destinations) checkAddress(addressesIn(address)[0] ?? address);
  const { Raw } = structure(fields['Content'], 'Content', 'Raw');
  const data = optionalText(structure(Raw, 'Content.Raw', 'Data'), 'Data') ?? '';
  if (data.length > MAX_BASE64) {
    throw bad(`Message length is more than ${MAX_BASE64} bytes long: '${data.length}'.`);
  }
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(data) || data.length % 4 !== 0) {
    throw bad('Content.Raw.Data is not base64.');
  }
  const tags = fields['EmailTags'] ?? [];
  if (!Array.isArray(tags)) throw bad('EmailTags is not a list.');
  const pairs = tags.map((tag: unknown) => {
    const pair = structure(tag, 'EmailTags', 'Name', 'Value');
    return { Name: optionalText(pair, 'Name') ?? '', Value: optionalText(pair, 'Value') ?? '' };
  });
  return {
    source: from,
    destinations,
    configurationSet,
    tags: readTags(pairs),
    raw: Buffer.from(data, 'base64'),
  };
}

/** The names that v2 has for errors of v1; others are the same, or stay as they are. */
const V2_NAMES: Readonly<Record<string, readonly [name: string, status: number]>> = {
  ConfigurationSetDoesNotExist: ['NotFoundException', 404],
  InvalidParameterValue: ['BadRequestException', 400],
  ServiceUnavailable: ['InternalServiceErrorException', 503],
  Throttling: ['TooManyRequestsException', 429],
  ValidationError: ['BadRequestException', 400],
};

/** Gives an error the name and status that it has in API v2. */
export function v2Error(error: AwsError): AwsError {
  const [name, status] = V2_NAMES[error.code] ?? [error.code, error.status];
  return new AwsError(name, error.message, status);
}

export const v2Response = (fields: Fields): AwsResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID() },
  body: JSON.stringify(fields),
});
