import { join } from 'node:path';
import { environmentOf } from '#shared/runtime/environment.ts';
import { answerFile, type FileRequest, type FileAnswer } from './answer-file.ts';
import declaration from './function.ts';

const env = environmentOf(declaration);
const signIn = { kind: 'cognito', origin: env.SIGN_IN_ORIGIN, clientId: env.SIGN_IN_CLIENT_ID };
// The bundle has the built page beside its code; Lambda says where that is.
const folder = join(process.env['LAMBDA_TASK_ROOT'] ?? '', 'files');

export const handler = (event: FileRequest): Promise<FileAnswer> =>
  answerFile(event, { folder, made: { 'config.json': JSON.stringify({ signIn }) } });
