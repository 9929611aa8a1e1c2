import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** A request as API Gateway has it (payload 2.0), as far as it is read here. */
export interface FileRequest {
  readonly pathParameters?: { readonly file?: string | undefined } | undefined;
  readonly requestContext: { readonly http: { readonly method: string } };
}

export interface FileAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

export interface Files {
  /** The folder of the built page. */
  readonly folder: string;
  /** Files that the deployment makes, by name. */
  readonly made: Readonly<Record<string, string>>;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** A file of the page, or one of its parts, whose name has a hash of its content. */
const NAME = /^(?:assets\/)?[\w-]+(?:\.[\w-]+)+$/;
const FOR_EVER = 'public, max-age=31536000, immutable';
const NEVER = 'no-cache';

/**
 * Answers with a file of the built page. A part of it is named by a hash of its content, so caches
 * keep it for a year; the page itself and its configuration are asked for each time.
 *
 * @returns 404, which nobody keeps, where there is no such file
 */
export async function answerFile(
  { pathParameters, requestContext }: FileRequest,
  { folder, made }: Files,
): Promise<FileAnswer> {
  const name = pathParameters?.file ?? '';
  const type = types[extname(name)];
  const content = type === undefined ? undefined : await contentOf(name, folder, made);
  if (type === undefined || content === undefined) return notFound;
  const isText = !type.startsWith('font/');
  const body = content.toString(isText ? 'utf8' : 'base64');
  return {
    statusCode: 200,
    headers: {
      'content-type': type,
      'cache-control': name.startsWith('assets/') ? FOR_EVER : NEVER,
    },
    body: requestContext.http.method === 'HEAD' ? '' : body,
    isBase64Encoded: !isText,
  };
}

const notFound: FileAnswer = {
  statusCode: 404,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  body: 'Not found\n',
  isBase64Encoded: false,
};

async function contentOf(
  name: string,
  folder: string,
  made: Files['made'],
): Promise<Buffer | undefined> {
  if (!NAME.test(name)) return undefined;
  if (Object.hasOwn(made, name)) return Buffer.from(made[name] ?? '');
  try {
    return await readFile(join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}
