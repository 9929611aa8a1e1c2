/** A kind of event, in words for people. */
export interface EventKind {
  /** Shown to customers who choose the events of a webhook. */
  readonly title: string;
  /** The happening, for docs/api.md, in Markdown. */
  readonly happened: string;
}

/** A kind of event that the history of a domain shows. */
export interface DomainEventKind extends EventKind {
  /** A word or two, beside the time. */
  readonly label: string;
  /** The fields of its data beside `domain`, for docs/api.md, in Markdown. @default none */
  readonly data?: string;
  readonly tone: 'info' | 'success' | 'pending' | 'warning' | 'error' | 'stopped';
  /** Describes the event and its reason, in sentences for the tenant. */
  readonly summary: (data: Readonly<Record<string, unknown>>) => string;
}

/** An event before it is known whose it is. */
export interface Happening<Type extends string> {
  readonly type: Type;
  /** ISO 8601. */
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Distinguishes it from others of its type. */
  readonly parts?: readonly string[];
}

/** A value of an event's data, where it is a text. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : '');
