import { homedir } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { UnloopError } from '@/lib/domain/unloop-error';

/** What the operator asked for, read once at start from the environment (flags become environment variables). */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Path of an explicitly named kubeconfig, absolute; null: KUBECONFIG, in-cluster, ~/.kube/config in this order. */
  readonly kubeconfig: string | null;
  readonly contexts: readonly string[];
  /** Watch only these; null: all that may be seen. */
  readonly namespaces: readonly string[] | null;
  readonly demo: boolean;
  /** Directory of the history; null: in memory. */
  readonly dataDir: string | null;
  /** Whether that directory was asked for; the demo cluster's history is kept in no other. */
  readonly isDataDirChosen: boolean;
  readonly databaseUrl: string | null;
  readonly home: string;
  /** History older than this goes, milliseconds. */
  readonly keepMs: number;
  readonly keepBytes: number;
}

const list = z
  .string()
  .optional()
  .transform((text) =>
    (text ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  );

/** RFC 1123 label, as namespaces are named. */
const NAMESPACE = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

const EnvironmentSchema = z.object({
  PORT: z.coerce.number().int().min(1).max(65535).default(5667),
  HOSTNAME: z.string().default('127.0.0.1'),
  UNLOOP_KUBECONFIG: z.string().min(1).optional(),
  UNLOOP_CONTEXTS: list,
  UNLOOP_NAMESPACES: list.refine(
    (names) => names.every((name) => NAMESPACE.test(name)),
    'must be namespace names separated by commas (lower-case letters, digits, hyphens)',
  ),
  UNLOOP_DEMO: z
    .enum(['0', '1', 'true', 'false'])
    .optional()
    .transform((v) => v === '1' || v === 'true'),
  UNLOOP_DATA: z.string().min(1).optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must start with postgres:// or postgresql://')
    .optional(),
  UNLOOP_KEEP_DAYS: z.coerce.number().positive().max(3650).default(30),
  UNLOOP_KEEP_MB: z.coerce.number().positive().default(2048),
  UNLOOP_CWD: z.string().optional(),
  XDG_STATE_HOME: z.string().optional(),
});

/** The environment without its empty variables: empty means unset, for every one of them. */
function withoutEmpty(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
}

/**
 * Reads the environment; an empty variable means the same as none. Throws UnloopError `misconfigured` that lists every wrong variable
 * with its problem. A relative path is taken from the directory the user started in.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const parsed = EnvironmentSchema.safeParse(withoutEmpty(env));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new UnloopError(
      'misconfigured',
      `the configuration is wrong: ${problems.join('; ')}`,
      'Correct or unset the named variables and start again.',
    );
  }
  const e = parsed.data;
  const from = (path: string) => (isAbsolute(path) ? path : resolve(e.UNLOOP_CWD ?? process.cwd(), path));
  const home = homedir();
  const defaultData = e.UNLOOP_DEMO ? null : resolve(e.XDG_STATE_HOME ?? resolve(home, '.local/state'), 'unloop');
  return Object.freeze({
    port: e.PORT,
    host: e.HOSTNAME,
    kubeconfig: e.UNLOOP_KUBECONFIG ? from(e.UNLOOP_KUBECONFIG) : null,
    contexts: e.UNLOOP_CONTEXTS,
    namespaces: e.UNLOOP_NAMESPACES.length > 0 ? e.UNLOOP_NAMESPACES : null,
    demo: e.UNLOOP_DEMO,
    dataDir: e.UNLOOP_DATA ? from(e.UNLOOP_DATA) : defaultData,
    isDataDirChosen: e.UNLOOP_DATA !== undefined,
    databaseUrl: e.DATABASE_URL ?? null,
    home,
    keepMs: e.UNLOOP_KEEP_DAYS * 86_400_000,
    keepBytes: e.UNLOOP_KEEP_MB * 1024 * 1024,
  });
}
