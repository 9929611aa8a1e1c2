import { randomUUID } from 'node:crypto';
import { AwsError } from './http.ts';
import type { AwsRequest, AwsResponse } from './http.ts';
import { element, xmlDocument } from './xml.ts';
import type { Xml } from './xml.ts';

/** The parameters of a request in the Query protocol, checked as they are read. */
export class QueryInput {
  readonly #form: URLSearchParams;

  constructor(request: Pick<AwsRequest, 'body'>) {
    this.#form = new URLSearchParams(request.body.toString('latin1'));
  }

  get action(): string {
    return this.#form.get('Action') ?? '';
  }

  /** Refuses parameters that the stand-in does not know; `Tags` covers all of its members. */
  only(...known: readonly string[]): this {
    for (const name of this.#form.keys()) {
      const [top = ''] = name.split('.');
      if (!['Action', 'Version', ...known].includes(top)) {
        throw new AwsError('InvalidParameterValue', `The stand-in does not support ${name}.`);
      }
    }
    return this;
  }

  /** An empty parameter is an absent one. */
  optional(name: string): string | undefined {
    const value = this.#form.get(name);
    return value === null || value === '' ? undefined : value;
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value !== undefined) return value;
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value null at '${name.charAt(0).toLowerCase() + name.slice(1)}' failed to satisfy constraint: Member must not be null`,
    );
  }

  /** The value of every parameter. */
  values(): string[] {
    return [...this.#form.values()];
  }

  /** `Name.member.1`, `Name.member.2` ... as far as they go without a gap. */
  members(name: string): string[] {
    const values: string[] = [];
    for (let index = 1; ; index++) {
      const value = this.#form.get(`${name}.member.${index}`);
      if (value === null) return values;
      values.push(value);
    }
  }

  /** A map: `Name.entry.1.key`, `Name.entry.1.value` and so on. */
  entries(name: string): Readonly<Record<string, string>> {
    const found: Record<string, string> = {};
    for (let index = 1; ; index++) {
      const key = this.#form.get(`${name}.entry.${index}.key`);
      if (key === null) return found;
      found[key] = this.#form.get(`${name}.entry.${index}.value`) ?? '';
    }
  }

  /** A list of structures: for each member the named fields. */
  structures(name: string, ...fields: readonly string[]): Readonly<Record<string, string>>[] {
    const list: Record<string, string>[] = [];
    for (let index = 1; ; index++) {
      const prefix = `${name}.member.${index}.`;
      const entries = fields.map((field) => [field, this.#form.get(prefix + field)] as const);
      if (entries.every(([, value]) => value === null)) return list;
      list.push(Object.fromEntries(entries.map(([field, value]) => [field, value ?? ''])));
    }
  }
}

/** `<ActionResponse><ActionResult>...</ActionResult><ResponseMetadata/></ActionResponse>` */
export function queryResponse(
  action: string,
  namespace: string,
  result: readonly Xml[],
): AwsResponse {
  const requestId = randomUUID();
  const metadata = element('ResponseMetadata', [element('RequestId', requestId)]);
  const root = element(
    `${action}Response`,
    [element(`${action}Result`, result), metadata],
    namespace,
  );
  return {
    status: 200,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: xmlDocument(root),
  };
}
