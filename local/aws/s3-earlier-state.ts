import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { S3Store } from './s3-store.ts';
import { readJsonFile } from './state-file.ts';

const bucket = z.object({ name: z.string(), creationDate: z.string() });
const object = z.object({
  key: z.string(),
  contentType: z.string(),
  contentLength: z.int(),
  etag: z.string(),
  lastModified: z.string(),
  metadata: z.record(z.string(), z.string()),
  contentLanguage: z.string().optional(),
  contentDisposition: z.string().optional(),
  cacheControl: z.string().optional(),
  contentEncoding: z.string().optional(),
  checksumAlgorithm: z.string().optional(),
  checksumValue: z.string().optional(),
});
const META = '.meta.json';
const DATA = '.data';

/**
 * Carries over the buckets and objects that fauxqs 2.4 kept, once: `s3/buckets/<bucket>/.bucket.json`,
 * and for each object `objects/<key>.data` beside `<key>.meta.json`.
 */
export function takeEarlierObjects(stateDir: string, store: S3Store): void {
  const folder = join(stateDir, 's3', 'buckets');
  if (!existsSync(folder)) return;
  store.transaction(() => {
    for (const entry of readdirSync(folder)) {
      const described = readJsonFile(join(folder, entry, '.bucket.json'));
      if (described === undefined) continue;
      const { name, creationDate } = bucket.parse(described);
      if (!store.hasBucket(name)) store.putBucket(name, Date.parse(creationDate));
      takeObjects(join(folder, entry, 'objects'), name, store);
    }
  });
  rmSync(folder, { recursive: true });
  rmSync(join(stateDir, 's3', '_multipart'), { recursive: true, force: true });
}

function takeObjects(folder: string, bucketName: string, store: S3Store): void {
  if (!existsSync(folder)) return;
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith(META)) continue;
    const data = join(folder, path.slice(0, -META.length) + DATA);
    const described = object.parse(readJsonFile(join(folder, path)));
    // The run died between the two files: the object was never acknowledged.
    if (!existsSync(data)) continue;
    const modifiedAt = Date.parse(described.lastModified);
    // It was carried over by a run that died before it had removed the folder.
    if (modifiedAt <= (store.get(bucketName, described.key)?.modifiedAt ?? -Infinity)) continue;
    const { file, path: target } = store.newFile();
    copyFileSync(data, target);
    const { checksumAlgorithm, checksumValue } = described;
    store.insert(
      bucketName,
      {
        key: described.key,
        size: described.contentLength,
        etag: `"${described.etag.replaceAll('"', '')}"`,
        modifiedAt,
        headers: headersOf(described),
        checksums:
          checksumAlgorithm && checksumValue
            ? { [`x-amz-checksum-${checksumAlgorithm.toLowerCase()}`]: checksumValue }
            : {},
      },
      file,
    );
  }
}

const headersOf = (described: z.infer<typeof object>): Record<string, string> => {
  const headers = {
    'content-type': described.contentType,
    'content-language': described.contentLanguage,
    'content-disposition': described.contentDisposition,
    'cache-control': described.cacheControl,
    'content-encoding': described.contentEncoding,
    ...Object.fromEntries(
      Object.entries(described.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
    ),
  };
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
};
