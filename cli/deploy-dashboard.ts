/**
 * Uploads files under new names first and the page that refers to them last, so that no page lacks
 * its files. Older files stay for users with the older page open.
 */
import { glob, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { readArguments, runCommand, UsageError } from './command.ts';
import { builtDashboard } from './service/dashboard-build.ts';

const USAGE = `Usage: npm run dashboard:deploy -- OUTPUTS

Builds the dashboard and puts it into its bucket. OUTPUTS is the file of the deployment's outputs:
npx cdk deploy --all --outputs-file outputs.json && npm run dashboard:deploy -- outputs.json
The AWS credentials and region in the environment are used.`;

const outputs = z.object({
  DashboardBucket: z.string(),
  DashboardUrl: z.string(),
  SignInOrigin: z.string(),
  SignInClientId: z.string(),
});

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const FOR_EVER = 'public, max-age=31536000, immutable';

async function deploy(): Promise<void> {
  const [file] = readArguments(USAGE, {}, 1).positionals;
  if (file === undefined) throw new UsageError(USAGE);
  const { DashboardBucket, DashboardUrl, SignInOrigin, SignInClientId } = outputsIn(
    JSON.parse(await readFile(file, 'utf8')),
    file,
  );
  const client = new S3Client();
  const put = async (key: string, body: Buffer | string, contentType: string, cache: string) => {
    await client.send(
      new PutObjectCommand({
        Bucket: DashboardBucket,
        Key: key,
        Body: body,
        ContentType: contentType,
        CacheControl: cache,
      }),
    );
  };

  const folder = await builtDashboard();
  for await (const name of glob('assets/*', { cwd: folder })) {
    const type = types[extname(name)];
    if (type === undefined) throw new Error(`${name}: no content type is known for such files`);
    await put(name, await readFile(join(folder, name)), type, FOR_EVER);
  }
  const signIn = { kind: 'cognito', origin: SignInOrigin, clientId: SignInClientId };
  await put('config.json', JSON.stringify({ signIn }), 'application/json', 'no-cache');
  await put(
    'index.html',
    await readFile(join(folder, 'index.html')),
    'text/html; charset=utf-8',
    'no-cache',
  );
  console.log(`The dashboard is at ${DashboardUrl}`);
}

/** The outputs of the stack that has the dashboard's. */
function outputsIn(all: unknown, file: string): z.infer<typeof outputs> {
  for (const stack of Object.values(all as Record<string, unknown>)) {
    const parsed = outputs.safeParse(stack);
    if (parsed.success) return parsed.data;
  }
  throw new Error(`${file} has no stack with the outputs ${Object.keys(outputs.shape).join(', ')}`);
}

await runCommand(deploy);
