import { expect, test } from 'vitest';
import { parseEndpoint } from '#shared/adapters/webhooks/endpoint.ts';

const parse = (url: string) => parseEndpoint(url, 'sd.example.net').href;

test('an endpoint is an https URL of a host name', () => {
  expect(parse('https://Hooks.Example.com/a?b=c')).toBe('https://hooks.example.com/a?b=c');
  expect(parse('https://hooks.example.com:443')).toBe('https://hooks.example.com/');
});

test.each([
  ['hooks.example.com', 'not a URL'],
  ['http://hooks.example.com', 'must be https'],
  ['file:///etc/passwd', 'must be https'],
  ['https://user:pass@hooks.example.com', 'user and password'],
  ['https://hooks.example.com:8443', 'port 443'],
  ['https://hooks.example.com/#x', 'the #'],
  ['https://127.0.0.1/', 'not an address'],
  ['https://2130706433/', 'not an address'],
  ['https://0x7f.1/', 'not an address'],
  ['https://[::1]/', 'not an address'],
  ['https://localhost/', 'not a host on the public internet'],
  ['https://sd.example.net/', 'not a host on the public internet'],
  ['https://x.sd.example.net./', 'not a host on the public internet'],
  [`https://hooks.example.com/${'a'.repeat(2_048)}`, 'not a URL'],
])('%s is refused', (url, why) => {
  expect(() => parse(url)).toThrow(why);
});
