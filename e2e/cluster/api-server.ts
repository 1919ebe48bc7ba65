import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** A stopped API server of the test cluster. */
export interface StoppedApiServer {
  /** Starts it again with the arguments it had. Returns at once; it answers some seconds later. */
  start(): void;
}

function runInLib(tools: string, script: string, argv: readonly string[]): void {
  execFileSync('bash', ['-c', `. "$0/lib.sh"; ${script}`, resolve(tools), ...argv], { stdio: 'ignore' });
}

/**
 * Kills the API server of the cluster whose kubeconfig is given, by the scripts in `tools`: connections break as when its
 * machine goes. etcd, kubelet and workloads go on.
 */
export function stopApiServer(kubeconfig: string, tools: string): StoppedApiServer {
  const pid = readFileSync(join(dirname(kubeconfig), 'run', 'apiserver.pid'), 'utf8').trim();
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  runInLib(tools, 'stop apiserver KILL', []);
  return { start: () => runInLib(tools, 'start apiserver "$@"', command) };
}
