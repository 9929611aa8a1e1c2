import { expect, test } from 'vitest';
import { SECRET_BYTES, secretOf, signWebhook } from '#shared/adapters/webhooks/signature.ts';

test('a signature is the one of the Standard Webhooks libraries', () => {
  expect(
    signWebhook(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      at: new Date(1_614_265_330_999),
      body: '{"test": 2432232314}',
    }),
  ).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('each secret has a signature of its own, in their order', () => {
  const content = { id: 'msg_1', at: new Date(0), body: '{}' };
  const secrets = [1, 2].map((fill) => secretOf(new Uint8Array(SECRET_BYTES).fill(fill)));
  const alone = secrets.map((secret) => signWebhook([secret], content)['webhook-signature']);
  expect(signWebhook(secrets, content)['webhook-signature']).toBe(alone.join(' '));
});

test('a secret is what it is made of', () => {
  const secret = secretOf(new Uint8Array(SECRET_BYTES).fill(7));
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(Buffer.from(secret.slice(6), 'base64')).toEqual(Buffer.alloc(SECRET_BYTES, 7));
});
