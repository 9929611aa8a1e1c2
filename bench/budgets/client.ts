/** A request to the API. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly json?: object;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** A caller of the API by one key. */
export type Caller = (asked: Asked) => Promise<Answer>;

export const callerOf =
  (api: string, key: string): Caller =>
  async ({ method, path, json }) => {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    return { status: response.status, text: await response.text() };
  };

/** The labels of the claims in an answer. */
export const labelsIn = (text: string): string[] => [
  ...new Set(
    Array.from(text.matchAll(/\b([a-z2-7]{26})\.s\d+\./g), ([, label]) => label as string),
  ),
];
