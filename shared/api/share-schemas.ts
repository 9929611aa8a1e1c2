import * as z from 'zod';
import { recordFormats, recordsExport } from './schemas.ts';

const expiresAt = z.iso.datetime().describe('When the link ends; ISO 8601, UTC');

export const shareLinkDocument = z.object({
  url: z
    .url()
    .describe('Shows the records, and how they stand, to whoever has it; given only this once'),
  expiresAt,
});

export const sharedRecordsDocument = recordsExport.extend({ expiresAt });

/** The query of `GET /v1/shared/{token}`; without a format a browser is shown a page, anybody else JSON. */
export const sharedQuery = z.object({ format: z.enum(recordFormats).optional() });
