const { API, KEY } = process.env;

/** Calls the API. It waits where the API asks to, and throws what a refusal says. */
export async function call(method, path, { body, idempotencyKey } = {}) {
  const headers = { authorization: `Bearer ${KEY}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
  const request = { method, headers, body: JSON.stringify(body) };
  for (;;) {
    const answer = await fetch(`${API}${path}`, request);
    if (answer.ok) return answer.json();
    if (answer.status !== 429 && answer.status !== 503) {
      const { detail, message } = await answer.json();
      throw new Error(`${answer.status}: ${detail ?? message}`);
    }
    await sleep(Number(answer.headers.get('retry-after') ?? 5));
  }
}

export const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1_000));
