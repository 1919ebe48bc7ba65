import { ServerResponse } from 'node:http';

/**
 * Lets Next.js compress what route handlers answer, as it does with pages. It writes their headers as lists
 * (next/dist/server/base-http/node.js, `appendHeader`), and its compression takes a Content-Type that is a list for one that is not
 * worth it; a list of one is set as what it holds. To be called once per process.
 */
export function unwrapContentType(): void {
  const { setHeader } = ServerResponse.prototype;
  ServerResponse.prototype.setHeader = function unwrapped(name, value) {
    const [only, second] = Array.isArray(value) ? value : [];
    const isWrapped = only !== undefined && second === undefined && name.toLowerCase() === 'content-type';
    return setHeader.call(this, name, isWrapped ? only : value);
  };
}
