import {
  commonCodes,
  domainCodes,
  type Codes,
  type CommonCode,
  type DomainCode,
} from './common-codes.ts';
import { hosted, kinds, type RecordPurpose } from './kinds/index.ts';

type KindCode = { [P in RecordPurpose]: keyof (typeof kinds)[P]['codes'] }[RecordPurpose];

/** The fault of a record; a record that is `ok` has none. */
export type RecordCode = CommonCode | KindCode | DomainCode;

const purposes = Object.keys(hosted) as RecordPurpose[];

/**
 * The meaning of each code, part of a sentence in Markdown, in the order in which the API lists
 * them.
 */
export const codeMeanings: Codes = {
  ...commonCodes,
  ...Object.assign({}, ...purposes.map((purpose) => kinds[purpose].codes)),
  ...domainCodes,
};

export const recordCodes = Object.keys(codeMeanings) as RecordCode[];
