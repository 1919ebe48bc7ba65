import { describe, expect, test } from 'vitest';
import { isSecretName } from './names';
import { redactObject } from './objects';
import { redactText, redactValue } from './text';

describe('redactValue', () => {
  test.each([
    ['DB_PASSWORD', 'hunter2'],
    ['API_TOKEN', 'abc'],
    ['AWS_SECRET_ACCESS_KEY', 'abc'],
    ['STRIPE_KEY', 'abc'],
    ['apiKey', 'abc'],
    ['SESSION_COOKIE', 'abc'],
    ['POSTGRES_PWD', 'abc'],
  ])('hides the value of %s', (name, value) => {
    expect(redactValue(name, value)).toMatch(/^\[withheld: looks like a [a-z ]+\]$/);
  });

  test.each([
    ['DB_PASSWORD_FILE', '/run/secrets/db'],
    ['TOKEN_TTL', '3600'],
    ['PORT', '8080'],
    ['KEYCLOAK_HOST', 'login.example'],
    ['SECRET_NAME', 'web-tls'],
    ['DB_PASSWORD', ''],
  ])('keeps the value of %s', (name, value) => {
    expect(redactValue(name, value)).toBe(value);
  });

  test('of a URL keeps all but the password', () => {
    expect(redactValue('DATABASE_URL', 'postgres://shop:hunter2@db.shop:5432/orders?sslmode=disable')).toBe(
      'postgres://shop:[withheld: looks like a password]@db.shop:5432/orders?sslmode=disable',
    );
    expect(redactValue('SENTRY_DSN', 'https://o1.example/7')).toBe('https://o1.example/7');
  });
});

test('redactText hides tokens, keys and assignments in free text', () => {
  const text = 'login with password=hunter2 and token: "abc def", Authorization: Bearer eyJhbGciOi.eyJzdWIiOjF9.c2ln';
  const shown = redactText(text);
  for (const secret of ['hunter2', 'abc def', 'eyJ']) expect(shown).not.toContain(secret);
  expect(redactText('-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----')).toBe(
    '[withheld: looks like a private key]',
  );
  expect(redactText('password authentication failed for user "shop"')).toBe(
    'password authentication failed for user "shop"',
  );
});

test('isSecretName knows a credential from a place', () => {
  expect(isSecretName('client-secret')).toBe(true);
  expect(isSecretName('PRIVATE_KEY_PATH')).toBe(false);
  expect(isSecretName('MONKEY')).toBe(false);
});

describe('redactObject', () => {
  test('drops what the API adds and hides credentials of env, args and annotations', () => {
    const pod = {
      kind: 'Pod',
      metadata: {
        name: 'web',
        managedFields: [{ manager: 'kubectl' }],
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration': '{"password":"x"}',
          'example.com/api-token': 'abc',
          note: 'fine',
        },
      },
      spec: {
        containers: [
          {
            name: 'web',
            env: [
              { name: 'DB_PASSWORD', value: 'hunter2' },
              { name: 'PORT', value: '80' },
            ],
            args: ['--db-password', 'hunter2', '--token=abc', '--listen', ':80'],
          },
        ],
      },
    };
    expect(redactObject(pod)).toEqual({
      kind: 'Pod',
      metadata: {
        name: 'web',
        annotations: { 'example.com/api-token': '[withheld: looks like a token]', note: 'fine' },
      },
      spec: {
        containers: [
          {
            name: 'web',
            env: [
              { name: 'DB_PASSWORD', value: '[withheld: looks like a password]' },
              { name: 'PORT', value: '80' },
            ],
            args: [
              '--db-password',
              '[withheld: looks like a password]',
              '--token=[withheld: looks like a token]',
              '--listen',
              ':80',
            ],
          },
        ],
      },
    });
  });

  test('of a Secret keeps no data, of a ConfigMap what is no credential', () => {
    expect(redactObject({ kind: 'Secret', metadata: { name: 's' }, data: { a: 'b' }, stringData: { a: 'b' } })).toEqual(
      {
        kind: 'Secret',
        metadata: { name: 's' },
      },
    );
    expect(redactObject({ kind: 'ConfigMap', data: { mode: 'fast', 'db.password': 'x' } })).toEqual({
      kind: 'ConfigMap',
      data: { mode: 'fast', 'db.password': '[withheld: looks like a password]' },
    });
  });
});

describe('a long line', () => {
  const SIZE = 256 * 1024;

  test.each([
    'x',
    '-eyJ',
    'eyJ-',
    'a://b:',
    'password="',
    'Bearer ',
    '-----BEGIN A PRIVATE KEY-----',
    'sk-',
    ' ',
    'key',
  ])('of %j is looked through in a moment', (piece) => {
    const line = piece.repeat(SIZE / piece.length);
    // Time of the processor and not of the clock, so that a busy machine fails nobody.
    const from = process.cpuUsage();
    redactObject({ metadata: { annotations: { note: line } }, spec: { env: [{ name: 'NOTE', value: line }] } });
    const { user, system } = process.cpuUsage(from);
    expect((user + system) / 1000).toBeLessThan(1000);
  });
});

test('a credential that only contains :// is no URL and stays hidden', () => {
  expect(redactValue('DB_PASSWORD', 's3cr3t !://x')).toBe('[withheld: looks like a password]');
});
