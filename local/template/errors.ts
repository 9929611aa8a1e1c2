/** The place in an assembly. */
export interface Place {
  readonly stack: string;
  readonly logicalId?: string;
  readonly type?: string;
  /** The path of the property, as `Environment.Variables.ZONE`. */
  readonly property?: string;
}

/** Something in a template that the local run does not know or cannot do; it names the place. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly place: Place;

  constructor(place: Place, problem: string, options?: ErrorOptions) {
    super(`${describePlace(place)}: ${problem}`, options);
    this.place = place;
  }
}

function describePlace({ stack, logicalId, type, property }: Place): string {
  const resource =
    logicalId === undefined
      ? ''
      : `, resource ${logicalId}${type === undefined ? '' : ` (${type})`}`;
  return `stack ${stack}${resource}${property ? `, property ${property}` : ''}`;
}

/** The place of a property within another place's property. */
export const within = (place: Place, key: string | number): Place => ({
  ...place,
  property: place.property ? `${place.property}.${key}` : String(key),
});
