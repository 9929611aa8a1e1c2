import * as z from 'zod';
import { type TableName, type TableShape, tables as shapes } from '#shared/runtime/tables.ts';

const names = Object.keys(shapes) as [TableName, ...TableName[]];

const table = (shape: TableShape) =>
  z.strictObject({
    /** Of a table in the account and region of the deployment. */
    name: z
      .string()
      .regex(
        /^[A-Za-z0-9_.-]{3,255}$/,
        'give the name of a table: 3 to 255 letters, digits, . _ -',
      ),
    ...(shape.stream === undefined
      ? {}
      : {
          /** The ARN of its stream. */
          stream: z
            .string('give the ARN of its stream')
            .regex(/^arn:aws:dynamodb:.+:table\/.+\/stream\/.+$/, 'give the ARN of its stream'),
        }),
  });

/**
 * Tables that are used in place of the deployment's own, by their name in shared/runtime/tables.ts:
 * those that `npm run restore` made, which prints what to put here.
 */
export const tables = z
  .strictObject(
    Object.fromEntries(
      names.map((name) => [name, table(shapes[name]).optional()]),
    ) as unknown as Record<TableName, z.ZodOptional<z.ZodType<OtherTable>>>,
  )
  .prefault({});

export interface OtherTable {
  readonly name: string;
  readonly stream?: string;
}
