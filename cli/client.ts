import { join, relative, resolve } from 'node:path';
import { packClient } from './client/pack.ts';
import { readArguments, runCommand } from './command.ts';
import { wordsOf } from './connection.ts';

const USAGE = `Usage: npm run client

Packs the client of the API, with the types of docs/openapi.json, into dist/client, for customers to
install: npm install ./sender-domains-client-VERSION.tgz`;

async function main(): Promise<void> {
  readArguments(USAGE, {});
  const file = await packClient(join(resolve(import.meta.dirname, '..'), 'dist/client'));
  console.log(relative(process.cwd(), file));
}

await runCommand(main, wordsOf);
