import { RESOURCES } from './resources';

const VERBS = ['get', 'list', 'watch'];
const REVIEWS = ['SelfSubjectAccessReview', 'SelfSubjectRulesReview'];

/** What `/version` answers. */
export const VERSION = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.3',
  gitCommit: '5f2a1c0b7d9e4836a1f0c2d4e6b8a9c7d5e3f101',
  gitTreeState: 'clean',
  buildDate: '2026-07-15T09:12:44Z',
  goVersion: 'go1.26.2',
  compiler: 'gc',
  platform: 'linux/amd64',
};

function groupVersions(): readonly string[] {
  const served = RESOURCES.filter((one) => one.group !== '').map((one) => `${one.group}/${one.version}`);
  return [...new Set(['authorization.k8s.io/v1', ...served])];
}

/** The body of a discovery path (`/api`, `/apis`, `/api/v1`, `/apis/<group>[/<version>]`), or null for another path. */
export function discover(path: string, address: string): Readonly<Record<string, unknown>> | null {
  const group = (groupVersion: string): Readonly<Record<string, unknown>> => {
    const [name = '', version = ''] = groupVersion.split('/');
    const only = { groupVersion, version };
    return { name, versions: [only], preferredVersion: only };
  };
  if (path === '/api') {
    const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: address }];
    return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs };
  }
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupVersions().map(group) };
  const match = /^\/(?:api|apis\/([^/]+))(?:\/([^/]+))?$/.exec(path);
  if (!match) return null;
  const [, name = '', version] = match;
  if (version === undefined) {
    const known = groupVersions().find((one) => one.startsWith(`${name}/`));
    return known ? { kind: 'APIGroup', apiVersion: 'v1', ...group(known) } : null;
  }
  if (name === 'authorization.k8s.io' && version === 'v1') {
    const resources = REVIEWS.map((kind) => ({
      name: `${kind.toLowerCase()}s`,
      singularName: kind.toLowerCase(),
      namespaced: false,
      kind,
      verbs: ['create'],
    }));
    return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${name}/${version}`, resources };
  }
  const served = RESOURCES.filter((one) => one.group === name && one.version === version);
  if (served.length === 0) return null;
  const resources = served.map(({ plural, singular, isNamespaced, kind, shortNames }) => ({
    name: plural,
    singularName: singular,
    namespaced: isNamespaced,
    kind,
    verbs: VERBS,
    ...(shortNames.length > 0 ? { shortNames } : {}),
  }));
  if (name === '') {
    resources.push({ name: 'pods/log', singularName: '', namespaced: true, kind: 'Pod', verbs: ['get'] });
  }
  const groupVersion = name === '' ? version : `${name}/${version}`;
  return { kind: 'APIResourceList', ...(name === '' ? {} : { apiVersion: 'v1' }), groupVersion, resources };
}
