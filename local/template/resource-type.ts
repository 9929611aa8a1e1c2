import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Stack } from './assembly.ts';
import type { Place } from './errors.ts';

/** A resource of a template, its intrinsics replaced and its properties checked. */
export interface Resource<Properties> {
  readonly place: Place;
  readonly stack: Stack;
  readonly logicalId: string;
  readonly properties: Properties;
  /**
   * The name that CloudFormation would make up where the template gives none: the stack's and the
   * resource's, and the same at every start.
   *
   * @param length at most so many characters
   */
  readonly generatedName: (length?: number) => string;
}

/** The attributes of a created resource that templates see. */
export interface Created {
  /** The value of `Ref`. */
  readonly ref: string;
  /** The values of `Fn::GetAtt`, by attribute. */
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Defines how the local run makes resources of one type: the properties that it knows, and their
 * effects.
 */
export interface ResourceType {
  readonly schema: z.ZodType;
  create(resource: Resource<unknown>): Promise<Created> | Created;
}

/** The types that an interpreter knows, by their CloudFormation name. */
export type ResourceTypes = Readonly<Record<string, ResourceType>>;

/**
 * A resource type, from its properties and how it is made. The schema is strict: a property that it
 * does not list is an error. `accepted` lists one that the local run takes without acting on it.
 */
export function resourceType<Shape extends z.ZodRawShape>(
  shape: Shape,
  create: (
    resource: Resource<z.infer<z.ZodObject<Shape, z.core.$strict>>>,
  ) => Promise<Created> | Created,
): ResourceType {
  const schema = z.strictObject(shape);
  return { schema, create: (resource) => create(resource as Parameters<typeof create>[0]) };
}

/** A property that changes nothing here, with the reason why ignoring it is right. */
export const accepted = (reason: string) => z.unknown().optional().describe(reason);

/** A whole number, also as the string that some constructs write. */
export const integer = z.union([z.int(), z.string().regex(/^-?\d+$/)]).transform(Number);

/** A truth value, also as the string that some constructs write. */
export const boolean = z
  .union([z.boolean(), z.enum(['true', 'false'])])
  .transform((value) => value === true || value === 'true');

/** Tags change nothing: there is no bill and no tag-based policy here. */
export const tags = accepted('no bill and no policy of this service reads tags');

/** The generated name: `<stack>-<resource>-<hash of both>`, cut before the hash. */
export function generatedName(stack: string, logicalId: string, length = 64): string {
  const hash = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, 12);
  return `${`${stack}-${logicalId}`.slice(0, length - hash.length - 1)}-${hash}`;
}
