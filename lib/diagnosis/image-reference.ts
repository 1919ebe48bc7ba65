/** An image reference taken apart. `registry` is `docker.io` where none is named. */
export interface ImageReference {
  readonly registry: string;
  readonly repository: string;
  /** Empty where a digest or nothing stands. */
  readonly tag: string;
  readonly digest: string;
}

/** Takes an image reference apart as the runtimes do, or gives null where it breaks the grammar (distribution `reference`). */
export function parseImage(reference: string): ImageReference | null {
  const [name = '', digest = ''] = reference.split('@');
  if (digest !== '' && !/^[a-z0-9]{2,20}:[0-9a-f]{32,128}$/.test(digest)) return null;
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === 'localhost';
  const path = hasRegistry ? name.slice(slash + 1) : name;
  const colon = path.lastIndexOf(':');
  const repository = colon < 0 ? path : path.slice(0, colon);
  const tag = colon < 0 ? '' : path.slice(colon + 1);
  if (
    !repository
      .split('/')
      .every((part) => /^[a-z0-9]{1,255}$/.test(part.replaceAll(/[._-]{1,3}/g, 'x')) && /^[a-z0-9]/.test(part))
  )
    return null;
  if (colon >= 0 && !/^\w[\w.-]{0,127}$/.test(tag)) return null;
  const full = !hasRegistry && !repository.includes('/') ? `library/${repository}` : repository;
  return { registry: hasRegistry ? first : 'docker.io', repository: full, tag, digest };
}
