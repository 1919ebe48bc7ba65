import type { DemoNode } from '@/server/demo/program';

/** Event texts that differ between kubelets (crash-semantics 2.3). */
export function presentText(node: DemoNode, image: string): string {
  const text = `Container image "${image}" already present on machine`;
  return node.minor >= 35 ? `${text} and can be accessed by the pod` : text;
}

export function createdText(node: DemoNode, container: string): string {
  return node.minor >= 35 ? 'Container created' : `Created container: ${container}`;
}

export function startedText(node: DemoNode, container: string): string {
  return node.minor >= 35 ? 'Container started' : `Started container ${container}`;
}

/** `1.234s` or `12.3s`-like text of a Go duration below a minute, from milliseconds. */
function formatPullTime(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}ms` : `${(ms / 1000).toFixed(3).replace(/0+$/, '').replace(/\.$/, '')}s`;
}

export function pulledText(image: string, tookMs: number, bytes: number): string {
  const took = formatPullTime(tookMs);
  return `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${bytes} bytes.`;
}

/** What `Killing` says (crash-semantics 2.4): sidecars miss the second half. */
export function killingText(container: string, isSidecar: boolean, probe: 'liveness' | 'startup'): string {
  return isSidecar
    ? `Init container ${container} failed ${probe} probe`
    : `Container ${container} failed ${probe} probe, will be restarted`;
}
