import { expect, test } from 'vitest';
import { parseImage } from './image-reference';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  ['nginx', 'docker.io', 'library/nginx', ''],
  ['nginx:1.27', 'docker.io', 'library/nginx', '1.27'],
  ['bitnami/redis:7', 'docker.io', 'bitnami/redis', '7'],
  ['registry.example:5000/shop/web:1.4.2', 'registry.example:5000', 'shop/web', '1.4.2'],
  ['localhost/web', 'localhost', 'web', ''],
  [`ghcr.io/a/b@${DIGEST}`, 'ghcr.io', 'a/b', ''],
])('%s', (reference, registry, repository, tag) => {
  expect(parseImage(reference)).toMatchObject({ registry, repository, tag });
});

test.each([
  '',
  'Web:1',
  'shop/Web',
  'web:',
  'web: {{ .Tag }}',
  'a//b',
  'web@sha256:xyz',
  'https://registry.example/web',
])('%s is no reference', (reference) => {
  expect(parseImage(reference)).toBeNull();
});
