import { expect, it } from 'vitest';
import { quote } from './foreign-answer';

it.each([
  ['upstream failed: DB_PASSWORD=hunter2hunter2 host=db', 'hunter2hunter2'],
  ['no route\nAuthorization: Bearer abcdef0123456789abcdef', 'abcdef0123456789abcdef'],
  ['see postgres://app:s3cr3tpass@db/shop', 's3cr3tpass'],
])('quotes what another server answered without its credentials: %j', (body, secret) => {
  const quoted = quote(Buffer.from(body));
  expect(quoted).not.toContain(secret);
  expect(quoted).toContain('[withheld: ');
});

it('quotes no half of a credential that is longer than the quotation', () => {
  const key = 'k3Yz'.repeat(40);
  expect(quote(Buffer.from(`${'-'.repeat(100)} api_key=${key}`))).not.toContain('k3Yz');
});

it('quotes the beginning as one line', () => {
  expect(quote(Buffer.from('no\n\u001b[31mhealthy\u202e  upstream'))).toBe('"no [31mhealthy upstream"');
  expect(quote(Buffer.from('x'.repeat(200)))).toBe(`"${'x'.repeat(120)}…"`);
});
