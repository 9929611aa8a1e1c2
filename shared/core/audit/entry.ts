import type { PlatformId, TenantId } from '#shared/core/model/names.ts';
import { canonicalJson, type Json } from './canonical-json.ts';
import { withCommitments, withoutCommitments, Personal, type PersonalValues } from './personal.ts';
import { differences, type View } from './view.ts';

/** Whose log an entry is in: a tenant's, or a platform's for what is about itself. */
export type AuditOwner = TenantId | PlatformId;

/**
 * - `key`: an API key of a tenant, by the id that `GET /v1/api-keys` shows.
 * - `user`: a user of the dashboard, by their id in the user pool.
 * - `platform`: the platform whose key called, by its id.
 * - `page`: a page that a platform embeds, by the platform's id.
 * - `link`: whoever has a link to the records of domains.
 * - `operator`: who ran a command, by their name on that computer.
 * - `service`: a function of the service, by its name.
 */
export const actorKinds = [
  'key',
  'user',
  'platform',
  'page',
  'link',
  'operator',
  'service',
] as const;
export type ActorKind = (typeof actorKinds)[number];

/** Who makes a change, and by which request. */
export interface Actor {
  readonly kind: ActorKind;
  readonly id: string;
  /** The route, command or function: `PATCH /v1/domains/{name}`. */
  readonly operation: string;
  readonly requestId: string;
  /** IP address. */
  readonly address?: string;
  readonly userAgent?: string;
}

export const auditVerbs = ['create', 'change', 'delete', 'read', 'run'] as const;
export type AuditVerb = (typeof auditVerbs)[number];

/** What an entry can be about. */
export const subjectKinds = [
  'domain',
  'tenant',
  'platform',
  'api-key',
  'platform-key',
  'page-token',
  'user',
  'webhook',
  'notices',
  'message',
  'suppression',
  'contact',
  'hand-over',
  'import',
  'limits',
  'reputation',
  'privacy-request',
  'report',
] as const;
export type SubjectKind = (typeof subjectKinds)[number];

/** A change that the log is to have. */
export interface Change {
  readonly owner: AuditOwner;
  readonly subject: SubjectKind;
  /** The name or id of what is changed. */
  readonly id: string | Personal;
  /** Absent where it is made. */
  readonly before?: View | undefined;
  /** Absent where it is removed. */
  readonly after?: View | undefined;
  /** Of something that is read or run, not changed; in the place of `before` and `after`. */
  readonly verb?: 'read' | 'run';
  /**
   * True if the owner only suffers what another does: its claim is lost to whoever proves the domain.
   * Its log then names the service, and nothing of who it was.
   */
  readonly isBystander?: true;
}

/** One field that a change changed. */
export interface FieldChange {
  readonly field: string;
  readonly before: Json;
  readonly after: Json;
}

/** An entry as it is read: personal texts in their places, `[erased]` where they were erased. */
export interface AuditEntry {
  readonly id: string;
  readonly owner: AuditOwner;
  /** ISO 8601. */
  readonly at: string;
  readonly verb: AuditVerb;
  readonly subject: SubjectKind;
  readonly subjectId: string;
  readonly actor: { readonly kind: ActorKind; readonly id: string };
  readonly operation: string;
  readonly requestId: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly changes: readonly FieldChange[];
}

/** An entry as it is stored: the text that is hashed, and the personal texts beside it. */
export interface StoredEntry {
  readonly owner: AuditOwner;
  /** `<time>#<id>`: the order of the log. */
  readonly key: string;
  /** Canonical JSON (RFC 8785), with commitments in the place of personal texts. */
  readonly record: string;
  readonly personal: PersonalValues;
}

/**
 * Makes the entry of a change.
 *
 * @param random makes octets: for the id, and for the salt of each personal text
 * @returns undefined where the change changes nothing that the log has
 */
export function entryOf(
  change: Change,
  actor: Actor,
  { at, random }: { readonly at: string; readonly random: (size: number) => Uint8Array },
): StoredEntry | undefined {
  const { owner, subject, id: subjectId, before, after } = change;
  const changes = differences(before, after);
  const verb = change.verb ?? verbOf(change);
  if (verb === 'change' && changes.length === 0) return undefined;
  const hex = (size: number) => Buffer.from(random(size)).toString('hex');
  const id = hex(8);
  const {
    kind,
    id: actorId,
    operation,
    requestId,
    address,
    userAgent,
  } = change.isBystander === true ? bystanders(actor) : actor;
  const entry = {
    id,
    owner,
    at,
    verb,
    subject,
    subjectId,
    actor: { kind, id: actorId },
    operation,
    requestId,
    address: address === undefined ? null : new Personal(address),
    userAgent: userAgent === undefined ? null : new Personal(userAgent),
    changes,
  };
  const { value, personal } = withCommitments(entry, () => hex(16));
  return { owner, key: `${at}#${id}`, record: canonicalJson(value), personal };
}

const verbOf = ({ before, after }: Change): AuditVerb => {
  if (before === undefined) return 'create';
  return after === undefined ? 'delete' : 'change';
};

const bystanders = ({ requestId }: Actor): Actor => ({
  kind: 'service',
  id: 'claims',
  operation: 'service',
  requestId,
});

/** Reads an entry. @throws SyntaxError where the record is no JSON, which the verifier reports */
export const readEntry = ({ record, personal }: StoredEntry): AuditEntry =>
  withoutCommitments(JSON.parse(record) as Json, personal) as unknown as AuditEntry;
