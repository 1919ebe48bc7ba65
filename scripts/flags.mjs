// Command-line flags become the environment variables that server/config.ts reads, so both ways mean the same.

export const USAGE = `Usage: npm start -- [options]

  --kubeconfig FILE    kubeconfig to use (else KUBECONFIG, the in-cluster service account, ~/.kube/config)
  --context NAME       context to watch; repeat it for several clusters
  --namespace NAME     watch only this namespace; repeatable
  --port NUMBER        port to listen on (5667)
  --host ADDRESS       address to listen on (127.0.0.1)
  --data DIRECTORY     where the history is kept (~/.local/state/unloop)
  --demo               the embedded demo cluster instead of a real one
  --help               this text`;

const many = { '--context': 'UNLOOP_CONTEXTS', '--namespace': 'UNLOOP_NAMESPACES' };
const one = { '--kubeconfig': 'UNLOOP_KUBECONFIG', '--port': 'PORT', '--host': 'HOSTNAME', '--data': 'UNLOOP_DATA' };

/**
 * What npm took for its own of `npm start --demo`, where the two dashes that end npm's options are missing: it hands an option on as
 * `npm_config_<name>`. The demo is understood; an option with a value has lost it, and is refused.
 * @param {Readonly<Record<string, string | undefined>>} env
 */
function takenByNpm(env) {
  const lost = [...Object.keys(one), ...Object.keys(many)].find((flag) => env[`npm_config_${flag.slice(2)}`]);
  if (lost) throw new Error(`npm took ${lost} for an option of its own: write "npm start -- ${lost} …"`);
  return env.npm_config_demo === 'true' ? ['--demo'] : [];
}

/**
 * Reads argv. Gives the environment for the server; an empty variable means the same as none. Throws an Error whose message names the
 * flag and the remedy.
 * @param {readonly string[]} given
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export function parseFlags(given, env) {
  const argv = [...takenByNpm(env), ...given];
  const out = { PORT: env.UNLOOP_PORT || '5667', HOSTNAME: env.UNLOOP_HOST || '127.0.0.1' };
  let help = false;
  for (let i = 0; i < argv.length; i++) {
    const [flag, inline] = (argv[i] ?? '').split(/=(.*)/s);
    if (flag === '--help' || flag === '-h') help = true;
    else if (flag === '--demo') out.UNLOOP_DEMO = '1';
    else if (flag in one || flag in many) {
      const value = inline ?? argv[++i];
      if (value === undefined || value === '' || value.startsWith('--')) throw new Error(`${flag} needs a value`);
      if (flag in one) out[one[flag]] = value;
      else out[many[flag]] = [...(out[many[flag]] ? [out[many[flag]]] : []), value].join(',');
    } else throw new Error(`unknown option ${argv[i]}`);
  }
  if (!/^\d+$/.test(out.PORT) || Number(out.PORT) < 1 || Number(out.PORT) > 65535) {
    throw new Error(`--port must be a number from 1 to 65535, not "${out.PORT}"`);
  }
  return { env: out, help };
}
