import { TemplateError, within, type Place } from './errors.ts';

/** The values that a template's intrinsic functions refer to. */
export interface Scope {
  /** The value of a `Ref` to a resource, a parameter or a pseudo parameter; undefined where there is none such. */
  ref(name: string): unknown;
  /** The value of `Fn::GetAtt`; undefined where the resource has no such attribute. */
  attribute(logicalId: string, attribute: string): unknown;
  /** The value that another stack exported under this name. */
  imported(name: string): unknown;
}

/** Represents `AWS::NoValue`: the property is as if it were not there. */
const NO_VALUE = Symbol('AWS::NoValue');

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The single key of `{Ref: ...}` or `{"Fn::...": ...}`, undefined for a plain value. */
function intrinsicName(value: Record<string, unknown>): string | undefined {
  const keys = Object.keys(value);
  const [key] = keys;
  if (keys.length !== 1 || key === undefined) return undefined;
  return key === 'Ref' || key === 'Condition' || key.startsWith('Fn::') ? key : undefined;
}

/** `${Name}`, `${Name.Attribute}`, `${AWS::Region}` and the literal `${!Name}` of `Fn::Sub`. */
const SUBSTITUTION = /\$\{(!?)([^}]*)\}/g;

/**
 * Replaces the intrinsic functions in a value of a template by their values.
 *
 * @throws TemplateError on an intrinsic that is not known, an argument of the wrong form, a
 * reference to nothing, and a dynamic reference (`{{resolve:...}}`)
 */
export function evaluate(value: unknown, scope: Scope, place: Place): unknown {
  const result = resolve(value, scope, place);
  return result === NO_VALUE ? undefined : result;
}

function resolve(value: unknown, scope: Scope, place: Place): unknown {
  if (typeof value === 'string') {
    if (value.includes('{{resolve:')) {
      throw new TemplateError(place, `the local run knows no dynamic references, found ${value}`);
    }
    return value;
  }
  if (Array.isArray(value)) {
    return value
      .map((item, index) => resolve(item, scope, within(place, index)))
      .filter((item) => item !== NO_VALUE);
  }
  if (!isObject(value)) return value;
  const name = intrinsicName(value);
  if (name !== undefined) return call(name, value[name], scope, place);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, resolve(item, scope, within(place, key))] as const)
      .filter(([, item]) => item !== NO_VALUE),
  );
}

function call(name: string, argument: unknown, scope: Scope, place: Place): unknown {
  switch (name) {
    case 'Ref':
      return reference(argument, scope, place);
    case 'Fn::GetAtt':
      return attribute(argument, scope, place);
    case 'Fn::Join':
      return join(argument, scope, place);
    case 'Fn::Sub':
      return substitute(argument, scope, place);
    case 'Fn::Select':
      return select(argument, scope, place);
    case 'Fn::Split':
      return split(argument, scope, place);
    case 'Fn::GetAZs':
      return availabilityZones(argument, scope, place);
    case 'Fn::ImportValue':
      return importValue(argument, scope, place);
    default:
      throw new TemplateError(place, `the local run does not know the intrinsic ${name}`);
  }
}

function reference(argument: unknown, scope: Scope, place: Place): unknown {
  if (typeof argument !== 'string') throw malformed('Ref', 'a name', argument, place);
  if (argument === 'AWS::NoValue') return NO_VALUE;
  const value = scope.ref(argument);
  if (value === undefined) throw new TemplateError(place, `Ref to ${argument}, which is not there`);
  return value;
}

function attribute(argument: unknown, scope: Scope, place: Place): unknown {
  const [logicalId, ...rest] =
    typeof argument === 'string' ? argument.split('.') : (argument as unknown[]);
  const name = rest.map(String).join('.');
  if (typeof logicalId !== 'string' || name === '') {
    throw malformed('Fn::GetAtt', 'a resource and an attribute', argument, place);
  }
  return attributeOf(logicalId, name, scope, place);
}

function attributeOf(logicalId: string, name: string, scope: Scope, place: Place): unknown {
  const value = scope.attribute(logicalId, name);
  if (value === undefined) {
    throw new TemplateError(place, `${logicalId} has no attribute ${name} on the local run`);
  }
  return value;
}

function join(argument: unknown, scope: Scope, place: Place): string {
  const [separator, items] = pair('Fn::Join', argument, place);
  const list = resolve(items, scope, place);
  if (typeof separator !== 'string' || !Array.isArray(list)) {
    throw malformed('Fn::Join', 'a separator and a list', argument, place);
  }
  return list.map((item) => text('Fn::Join', item, place)).join(separator);
}

function substitute(argument: unknown, scope: Scope, place: Place): string {
  const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
  if (typeof template !== 'string' || !isObject(variables)) {
    throw malformed('Fn::Sub', 'a string, or a string and a map', argument, place);
  }
  return template.replaceAll(SUBSTITUTION, (_, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (Object.hasOwn(variables, name)) {
      return text('Fn::Sub', resolve(variables[name], scope, place), place);
    }
    const [logicalId = '', ...rest] = name.split('.');
    const value =
      rest.length === 0
        ? reference(name, scope, place)
        : attributeOf(logicalId, rest.join('.'), scope, place);
    return text('Fn::Sub', value, place);
  });
}

function select(argument: unknown, scope: Scope, place: Place): unknown {
  const [index, items] = pair('Fn::Select', argument, place);
  const list = resolve(items, scope, place);
  const position = Number(index);
  if (!Array.isArray(list) || !Number.isInteger(position) || !(position in list)) {
    throw malformed('Fn::Select', 'an index and a list that reaches to it', argument, place);
  }
  return list[position];
}

function split(argument: unknown, scope: Scope, place: Place): string[] {
  const [separator, source] = pair('Fn::Split', argument, place);
  const whole = resolve(source, scope, place);
  if (typeof separator !== 'string' || typeof whole !== 'string') {
    throw malformed('Fn::Split', 'a separator and a string', argument, place);
  }
  return whole.split(separator);
}

/** Three of a region's zones; each has at least as many (AWS, Regions and Availability Zones). */
function availabilityZones(argument: unknown, scope: Scope, place: Place): string[] {
  const given = resolve(argument, scope, place);
  const region = given === '' ? scope.ref('AWS::Region') : given;
  if (typeof region !== 'string') throw malformed('Fn::GetAZs', 'a region', argument, place);
  return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
}

function importValue(argument: unknown, scope: Scope, place: Place): unknown {
  const name = resolve(argument, scope, place);
  if (typeof name !== 'string') throw malformed('Fn::ImportValue', 'a name', argument, place);
  const value = scope.imported(name);
  if (value === undefined) {
    throw new TemplateError(place, `no stack before this one exports ${name}`);
  }
  return value;
}

function pair(name: string, argument: unknown, place: Place): [unknown, unknown] {
  if (!Array.isArray(argument) || argument.length !== 2) {
    throw malformed(name, 'two arguments', argument, place);
  }
  return [argument[0], argument[1]];
}

function text(name: string, value: unknown, place: Place): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw malformed(name, 'strings', value, place);
}

const malformed = (name: string, wanted: string, found: unknown, place: Place): TemplateError =>
  new TemplateError(place, `${name} takes ${wanted}, found ${JSON.stringify(found)}`);

/** The names that a value refers to by `Ref`, `Fn::GetAtt` and `Fn::Sub`. */
export function references(value: unknown): Set<string> {
  const names = new Set<string>();
  collect(value, names);
  return names;
}

function collect(value: unknown, names: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, names);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, argument] of Object.entries(value)) {
    if (key === 'Ref' && typeof argument === 'string') names.add(argument);
    else if (key === 'Fn::GetAtt') names.add(String([argument].flat()[0]).split('.')[0] ?? '');
    else {
      if (key === 'Fn::Sub') collectSubstitutions([argument].flat()[0], names);
      collect(argument, names);
    }
  }
}

function collectSubstitutions(template: unknown, names: Set<string>): void {
  if (typeof template !== 'string') return;
  for (const [, literal, name = ''] of template.matchAll(SUBSTITUTION)) {
    if (!literal) names.add(name.split('.')[0] ?? '');
  }
}
