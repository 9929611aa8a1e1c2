/** A stack as the CDK synthesized it. */
export interface Stack {
  readonly id: string;
  readonly template: {
    readonly Resources: Readonly<
      Record<string, { readonly Type: string; readonly Properties?: Properties }>
    >;
    readonly Outputs?: Readonly<Record<string, Output>>;
  };
}

interface Output {
  readonly Value: unknown;
  readonly Export?: { readonly Name: string };
}

type Properties = Readonly<Record<string, unknown>>;

/** A resource whose properties name others of any stack as `<stack/id>` or `<stack/id.Attribute>`. */
export interface Resource {
  readonly key: string;
  readonly type: string;
  readonly properties: Properties;
}

const REFERENCE = /<([\w-]+\/\w+)(?:\.\w+)?>/g;
/** Properties that hold a resource's name, of those that have one. */
const NAMES = ['FunctionName', 'QueueName', 'TableName', 'TopicName', 'RoleName', 'Name'];

/** All resources of the app, with references between stacks resolved. */
export class App {
  readonly #resources: ReadonlyMap<string, Resource>;
  readonly #prefix: string;

  /** @param name the deployment's name, which the names of resources begin with */
  constructor(stacks: readonly Stack[], name: string) {
    this.#prefix = `${name}-`;
    const exports = new Map(stacks.flatMap(exportsOf));
    this.#resources = new Map(
      stacks.flatMap(({ id: stack, template }) =>
        Object.entries(template.Resources).map(([id, { Type: type, Properties: found = {} }]) => {
          const key = `${stack}/${id}`;
          return [key, { key, type, properties: resolve(found, stack, exports) as Properties }];
        }),
      ),
    );
  }

  ofType(type: string): Resource[] {
    return [...this.#resources.values()].filter((resource) => resource.type === type);
  }

  /** The first resource that a text refers to. */
  referred(text: unknown): Resource | undefined {
    const [, key = ''] = [...String(text).matchAll(REFERENCE)][0] ?? [];
    return this.#resources.get(key);
  }

  /** A resource's name without the deployment's, or else its construct id. */
  nameOf(resource: Resource): string {
    return this.short(this.#fullNameOf(resource));
  }

  #fullNameOf({ key, properties }: Resource): string {
    const name = NAMES.map((property) => properties[property]).find(
      (value): value is string => typeof value === 'string' && !value.includes('<'),
    );
    // CDK ends a logical id in eight hexadecimal digits.
    return name ?? key.replace(/^.*\//, '').replace(/[0-9A-F]{8}$/, '');
  }

  /** The name of what a text refers to, or the text where it refers to nothing. */
  named(text: unknown): string {
    const resource = this.referred(text);
    return resource === undefined ? String(text) : this.nameOf(resource);
  }

  /** A text with the names of what it refers to, `<name>` for the deployment's. */
  readable(text: string): string {
    const named = text.replace(REFERENCE, (reference, key: string) => {
      const resource = this.#resources.get(key);
      return resource === undefined ? reference : this.#fullNameOf(resource);
    });
    return named.replaceAll(this.#prefix, '<name>-');
  }

  short(name: string): string {
    return name.startsWith(this.#prefix) ? name.slice(this.#prefix.length) : name;
  }
}

const exportsOf = ({ id, template: { Outputs: outputs = {} } }: Stack): [string, unknown][] =>
  Object.values(outputs).flatMap(({ Export: exported, Value: value }) =>
    exported === undefined ? [] : [[exported.Name, resolve(value, id, new Map())]],
  );

/** Replaces intrinsic functions by text. */
function resolve(value: unknown, stack: string, exports: ReadonlyMap<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, stack, exports));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1) {
    if (name === 'Ref')
      return String(argument).startsWith('AWS::') ? '' : `<${stack}/${String(argument)}>`;
    if (name === 'Fn::GetAtt') return `<${stack}/${(argument as string[]).join('.')}>`;
    if (name === 'Fn::ImportValue') return exports.get(String(argument)) ?? String(argument);
    if (name === 'Fn::Join') {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map((part) => String(resolve(part, stack, exports))).join(separator);
    }
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item, stack, exports)]));
}
