import { AwsError } from './http.ts';
import type { AwsResponse } from './http.ts';
import { xmlDocument } from './xml.ts';
import type { Xml } from './xml.ts';

export const notImplemented = (what: string): AwsError =>
  new AwsError('NotImplemented', `The S3 stand-in has no ${what}.`, 501);

export const empty = (
  status: number,
  headers: Readonly<Record<string, string>> = {},
): AwsResponse => ({
  status,
  headers,
  body: '',
});
export const xml = (root: Xml): AwsResponse => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: xmlDocument(root),
});
