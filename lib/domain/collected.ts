/** A Kubernetes object as JSON, unread. Readers must tolerate absent and ill-typed fields. */
export type KubeObject = Readonly<Record<string, unknown>>;

/** A part that was collected, or the sentence that says why it was not. */
export type Part<T> = { readonly value: T } | { readonly missing: string };

/** A log text as kept: head and tail of the stream with the number of lines left out between them. */
export interface LogText {
  readonly head: string;
  /** Empty where the head holds everything. */
  readonly tail: string;
  readonly skippedLines: number;
  /** True where each line starts with the kubelet's RFC 3339 timestamp and one space (`timestamps=true`). */
  readonly stamped: boolean;
}
