const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
  Pi: 1024 ** 5,
  Ei: 1024 ** 6,
};

/**
 * Reads a Kubernetes quantity (`512Mi`, `200m`, `1.5`, `1e3`) in base units: bytes or cores. Gives null for what is none
 * (apimachinery `pkg/api/resource/quantity.go`).
 */
export function parseQuantity(text: string | null | undefined): number | null {
  const match = /^([+-]?[0-9.]{1,32})(?:[eE]([+-]?[0-9]{1,3})|([numkMGTPE]i?|Ki)?)$/.exec((text ?? '').trim());
  if (!match) return null;
  const value = Number(match[1]);
  const factor = match[2] === undefined ? FACTORS[match[3] ?? ''] : 10 ** Number(match[2]);
  return Number.isNaN(value) || factor === undefined ? null : value * factor;
}
