import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openApiDocument } from '#shared/api/openapi.ts';
import { routes } from '#shared/api/routes/index.ts';
import { refusalStatus } from '#shared/core/model/errors.ts';

const document = openApiDocument();
const text = JSON.stringify(document);
const file = new URL('../../../docs/openapi.json', import.meta.url);

describe('the OpenAPI document', () => {
  test('in docs/openapi.json is current; `npm run docs` writes it', () => {
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(text));
  });

  test('has every route, once, by its operation', () => {
    const operations = Object.entries(
      document['paths'] as Record<string, Record<string, { operationId: string }>>,
    ).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => [
        operationId,
        `${method.toUpperCase()} ${path}`,
      ]),
    );
    expect(Object.fromEntries(operations)).toEqual(
      Object.fromEntries(
        Object.entries(routes).map(([operation, { method, path }]) => [
          operation,
          `${method} ${path}`,
        ]),
      ),
    );
    expect(operations).toHaveLength(Object.keys(routes).length);
  });

  test('has each operation under one tag, and each tag once', () => {
    const tags = document['tags'] as { name: string; description?: string }[];
    expect(new Set(tags.map(({ name }) => name)).size).toBe(tags.length);
    for (const { name, description } of tags) {
      expect(description).not.toBe('');
      expect(name).toMatch(/^[a-z-]+$/);
    }
    const named = new Set(tags.map(({ name }) => name));
    const used = new Set<string>();
    for (const methods of Object.values(
      document['paths'] as Record<string, Record<string, { tags: string[] }>>,
    )) {
      for (const { tags: own } of Object.values(methods)) {
        expect(own).toHaveLength(1);
        used.add(own[0]!);
      }
    }
    expect(used).toEqual(named);
  });

  test('refers to nothing that it does not have', () => {
    const { schemas } = document['components'] as { schemas: Record<string, unknown> };
    const referred = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(referred.length).toBeGreaterThan(20);
    expect(new Set(referred)).toEqual(new Set(Object.keys(schemas)));
    expect(text.replaceAll(/"\$ref":"#\/components\/schemas\/\w+"/g, '')).not.toMatch(
      /"\$(ref|id|schema)"/,
    );
  });

  test('names each reason for refusing under the status that it is answered with', () => {
    const responses = [...text.matchAll(/"(\d{3})":\{"description":"((?:`[a-z-]+`(?:, )?)+)"/g)];
    expect(responses.length).toBeGreaterThan(20);
    for (const [, status, codes = ''] of responses) {
      for (const code of codes.replaceAll('`', '').split(', ')) {
        expect([500, refusalStatus[code as keyof typeof refusalStatus]]).toContain(Number(status));
      }
    }
  });
});
