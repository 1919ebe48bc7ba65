import type { Evidence, ServiceEvidence } from '@/lib/diagnosis/evidence';
import { fieldFact } from '@/lib/diagnosis/facts';
import type { Fact } from '@/lib/diagnosis/verdict';

/** Whom the program wanted to speak to, as its log names it. Either part may be empty. */
export interface Target {
  readonly host: string;
  readonly port: string;
}

const HOST = '((?:[A-Za-z0-9](?:[\\w-]{0,62}\\.){0,8}[\\w-]{0,62}[A-Za-z0-9])|\\[[0-9a-f:]{2,45}\\]|localhost)';
const WITH_PORT: readonly RegExp[] = [
  new RegExp(
    `(?:tcp|udp|host|server|to|at|address|connect|connecting to|dial|upstream|broker|node|endpoint)[ :="'(\\[]{1,4}\\/?(?:[\\w.-]{1,100}\\/)?${HOST}:(\\d{2,5})`,
    'i',
  ),
  new RegExp(`[a-z][a-z0-9+]{1,20}:\\/\\/(?:[^\\s/@]{1,100}@)?${HOST}:(\\d{2,5})`, 'i'),
  new RegExp(`(?:ECONNREFUSED|EHOSTUNREACH|ECONNRESET|ETIMEDOUT) (?:::ffff:)?${HOST}:(\\d{2,5})`),
  new RegExp(
    `host[ =:"'(]{1,3}${HOST}["')]?,? {0,3}(?:\\([^)]{1,60}\\),? {0,2})?(?:user=\\S{1,60} |database=\\S{1,60} )?(?:and accepting.{0,40})?port[ =:"'(]{1,3}(\\d{2,5})`,
    'i',
  ),
  new RegExp(`at "${HOST}"(?: \\([^)]{1,60}\\))?, port (\\d{2,5})`),
  new RegExp(`(?:^|[\\s"'(/=@])${HOST}:(\\d{2,5})(?=$|[\\s"'),;/:\\]?])`),
  new RegExp(`${HOST} (?:\\([^)]{1,60}\\) )?port (\\d{2,5})`, 'i'),
];

/** Reads host and port out of an error text. */
export function targetOf(text: string): Target {
  for (const pattern of WITH_PORT) {
    const found = pattern.exec(text);
    if (
      found &&
      !/^(?:\d{1,2}|\d{4}-\d\d-\d\dT?\d{0,2})$/.test(found[1] ?? '') &&
      !/\.(?:go|js|ts|py|rb|java|rs|c|cc|cpp|php|cs|ex|mjs)$/.test(found[1] ?? '')
    ) {
      return { host: found[1] ?? '', port: found[2] ?? '' };
    }
  }
  return { host: '', port: '' };
}

export function isLocal({ host }: Target): boolean {
  return /^(?:localhost|127\.|\[?::1\]?$|0\.0\.0\.0)/.test(host);
}

export function inWords({ host, port }: Target): string {
  if (host === '') return port === '' ? 'a service that it needs' : `port ${port}`;
  return port === '' ? host : `${host}:${port}`;
}

/** The Service that a host name or cluster address means, or null. */
export function serviceOf(evidence: Evidence, { host }: Target): ServiceEvidence | null {
  const services = evidence.services ?? [];
  const [name = '', namespace = evidence.pod.namespace] = host.split('.');
  return (
    services.find((one) => one.clusterIP === host && host !== '') ??
    services.find((one) => one.name === name && one.namespace === namespace) ??
    services.find((one) => one.name === name) ??
    null
  );
}

/** What is known of the Service, as a fact. */
export function serviceFact(service: ServiceEvidence): Fact {
  const ready = service.readyEndpoints;
  const value =
    ready === null ? `ports ${service.ports.map((one) => one.port).join(', ')}` : `${ready} ready addresses`;
  return fieldFact(`service/${service.namespace}/${service.name}`, value, 'The Service behind this name');
}
