import { describe, expect, it } from 'vitest';
import { answeredHosts, hostName, isLoopback } from './hosts';
import { type EdgeRequest, refusalOf } from './refusal';

const LOCAL = { HOSTNAME: '127.0.0.1' };
const OPEN = { HOSTNAME: '0.0.0.0', UNLOOP_ALLOWED_HOSTS: '' };

function ask(headers: Readonly<Record<string, string>>, target = '/', method = 'GET'): EdgeRequest {
  return { method, target, header: (name) => ({ host: 'localhost:5667', ...headers })[name] };
}

function codeOf(request: EdgeRequest, settings: Readonly<Record<string, string>> = LOCAL): string | null {
  return refusalOf(request, settings)?.body.error.code ?? null;
}

describe('hostName', () => {
  it.each([
    ['localhost', 'localhost'],
    ['Example.COM:80', 'example.com'],
    ['[::1]:5667', '[::1]'],
    ['', null],
    [null, null],
    ['a b', null],
    ['a@localhost', null],
    ['localhost/evil', null],
    ['::1', null],
  ])('reads %j as %j', (header, name) => {
    expect(hostName(header)).toBe(name);
  });
});

describe('the hosts that are answered', () => {
  it('are loopback and the bound address, and no name that merely points here', () => {
    expect(codeOf(ask({ host: '127.0.0.1:1' }))).toBeNull();
    expect(codeOf(ask({ host: '[::1]:1' }))).toBeNull();
    expect(codeOf(ask({ host: 'rebound.example' }))).toBe('forbidden-host');
    expect(codeOf(ask({ host: '' }))).toBe('forbidden-host');
    expect(codeOf(ask({ host: '10.1.2.3:5667' }), { HOSTNAME: '10.1.2.3' })).toBeNull();
  });

  it('on all addresses are still no foreign names, unless the operator names them', () => {
    expect(codeOf(ask({ host: 'unloop.example' }), OPEN)).toBe('forbidden-host');
    expect(codeOf(ask({ host: '127.0.0.1:1' }), OPEN)).toBeNull();
    expect(
      codeOf(ask({ host: 'unloop.example:80' }), { ...OPEN, UNLOOP_ALLOWED_HOSTS: 'a.b, Unloop.example' }),
    ).toBeNull();
    expect(codeOf(ask({ host: 'anything' }), { ...OPEN, UNLOOP_ALLOWED_HOSTS: '*' })).toBeNull();
    expect(answeredHosts(OPEN).has('127.0.0.1')).toBe(true);
  });

  it('take an empty variable for none', () => {
    expect(answeredHosts({ HOSTNAME: '', UNLOOP_ALLOWED_HOSTS: '' })).toEqual(answeredHosts({}));
    expect(['127.0.0.1', '127.8.0.1', 'localhost', '::1'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1'].some(isLoopback)).toBe(false);
  });
});

describe('what is refused', () => {
  it.each([
    ['TRACE', '/', 'method-not-allowed'],
    ['POST', '/api/v1/clusters', 'method-not-allowed'],
    ['DELETE', '/', 'method-not-allowed'],
    ['OPTIONS', '*', 'bad-request'],
    ['GET', 'http://localhost/', 'bad-request'],
    ['GET', '/c/%zz', 'bad-request'],
    ['GET', '/c/%25', null],
    ['HEAD', '/', null],
    ['OPTIONS', '/api/v1/clusters', null],
  ])('%s %s: %s', (method, target, code) => {
    expect(codeOf(ask({}, target, method))).toBe(code);
    const refusal = refusalOf(ask({}, target, method), LOCAL);
    if (refusal) expect(refusal.body.error.hint).not.toBe('');
  });

  it('names the methods that are answered', () => {
    expect(refusalOf(ask({}, '/', 'PUT'), LOCAL)?.headers.allow).toBe('GET, HEAD, OPTIONS');
  });

  it.each([
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }, 'foreign-origin'],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }, 'foreign-origin'],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, null],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }, 'foreign-origin'],
    [{ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }, null],
    [{ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, null],
    [{ origin: 'https://elsewhere.example' }, 'foreign-origin'],
    [{ origin: 'null' }, 'foreign-origin'],
    [{ origin: 'http://localhost:5667' }, null],
    [{}, null],
  ])('of %j: %s', (headers: Readonly<Record<string, string>>, code) => {
    expect(codeOf(ask(headers, '/api/v1/clusters/a/stream'))).toBe(code);
  });
});
