const BASE_PATH = process.env.NEXT_PUBLIC_BASE_PATH ?? '';

/** The address of an API route under the base path: `apiPath('/api/v1/clusters')`. Links and assets get theirs from Next. */
export function apiPath(path: `/${string}`): string {
  return `${BASE_PATH}${path}`;
}
