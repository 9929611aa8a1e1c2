import { dkimVerify } from 'mailauth/lib/dkim/verify.js';

/** Returns the result and comment of mailauth in its strict mode for each signature. */
export async function verifyByMailauth(
  message: Buffer,
  records: Record<string, string>,
  time: number,
): Promise<{ result: string; comment: string | undefined }[]> {
  const { results } = await dkimVerify(message, {
    strict: true,
    curTime: new Date(time * 1_000),
    resolver: (name: string) => {
      const record = records[name.toLowerCase()];
      if (record === undefined)
        return Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
      return Promise.resolve([[record]]);
    },
  });
  return results.map(({ status }) => ({ result: status.result, comment: status.comment }));
}
