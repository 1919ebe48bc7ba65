import { createHash } from 'node:crypto';
import { z } from 'zod';

/** `image.json` of a scenario: an image of the test registry with another entrypoint, user or architecture than `from`. */
export const DerivedImageSchema = z.strictObject({
  name: z.string(),
  from: z.string(),
  entrypoint: z.array(z.string()).optional(),
  user: z.string().optional(),
  architecture: z.string().optional(),
});
export type DerivedImage = z.infer<typeof DerivedImageSchema>;

const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

const INDEX_TYPE = 'application/vnd.docker.distribution.manifest.list.v2+json';

const ManifestSchema = z.looseObject({
  config: z.looseObject({ digest: z.string(), size: z.number() }),
  layers: z.array(z.looseObject({ digest: z.string() })),
});

const ConfigSchema = z.looseObject({ architecture: z.string(), config: z.looseObject({}) });

function split(name: string): { repository: string; tag: string } {
  const colon = name.lastIndexOf(':');
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1) };
}

/** The answer of the registry at `registry`; throws where it is not a success. */
async function call(registry: string, path: string, init: RequestInit = {}): Promise<Response> {
  const url = new URL(path, `http://${registry}`);
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${url.href}: ${response.status} ${await response.text()}`);
  return response;
}

/**
 * Pushes a derived image to the plain-HTTP registry at `registry` (`host:port`), over the distribution API
 * (github.com/opencontainers/distribution-spec, spec.md "Push"). An image with an
 * `architecture` becomes an index that offers this one alone. Does the same work again where it exists already.
 * Throws where the registry refuses or `from` is absent.
 */
export async function pushDerivedImage(registry: string, image: DerivedImage): Promise<void> {
  const source = split(image.from);
  const target = split(image.name);
  const accept = { accept: MANIFEST_TYPE };
  const manifest = ManifestSchema.parse(
    await (await call(registry, `/v2/${source.repository}/manifests/${source.tag}`, { headers: accept })).json(),
  );
  const config = ConfigSchema.parse(
    await (await call(registry, `/v2/${source.repository}/blobs/${manifest.config.digest}`)).json(),
  );
  if (image.architecture) config.architecture = image.architecture;
  if (image.entrypoint) config.config.Entrypoint = image.entrypoint;
  if (image.user) config.config.User = image.user;

  for (const layer of manifest.layers) {
    const query = new URLSearchParams({ mount: layer.digest, from: source.repository });
    await call(registry, `/v2/${target.repository}/blobs/uploads/?${query}`, { method: 'POST' });
  }
  const body = Buffer.from(JSON.stringify(config));
  const digest = digestOf(body);
  const upload = await call(registry, `/v2/${target.repository}/blobs/uploads/`, { method: 'POST' });
  const location = new URL(upload.headers.get('location') ?? '', `http://${registry}`);
  location.searchParams.set('digest', digest);
  await call(registry, location.href, {
    method: 'PUT',
    body: new Uint8Array(body),
    headers: { 'content-type': 'application/octet-stream' },
  });
  const derived = Buffer.from(
    JSON.stringify({ ...manifest, config: { ...manifest.config, digest, size: body.byteLength } }),
  );
  await putManifest(registry, target.repository, digestOf(derived), MANIFEST_TYPE, derived);
  if (!image.architecture) {
    await putManifest(registry, target.repository, target.tag, MANIFEST_TYPE, derived);
    return;
  }
  // The runtime looks at the platform only where an index offers a choice.
  const platform = { os: 'linux', architecture: image.architecture };
  const entry = { mediaType: MANIFEST_TYPE, digest: digestOf(derived), size: derived.byteLength, platform };
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [entry] }));
  await putManifest(registry, target.repository, target.tag, INDEX_TYPE, index);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function putManifest(
  registry: string,
  repository: string,
  reference: string,
  type: string,
  body: Buffer,
): Promise<void> {
  await call(registry, `/v2/${repository}/manifests/${reference}`, {
    method: 'PUT',
    headers: { 'content-type': type },
    body: new Uint8Array(body),
  });
}
