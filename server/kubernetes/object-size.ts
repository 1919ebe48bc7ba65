/**
 * Largest single object that is read, in bytes; a larger one is no Kubernetes object. etcd takes 1.5 MiB in a request by default
 * (etcd.io/docs "System limits"), and the API server takes 3 MiB of body in a write (k8s.io/apiserver pkg/server/config.go
 * `MaxRequestBodyBytes`). JSON of 1.5 MiB in which each character is escaped (`\u003c`) has 9 MiB.
 */
export const OBJECT_BYTES_MAX = 10 * 1024 * 1024;

/** What is said of an object that is larger. */
export const TOO_LARGE = 'an object larger than 10 MiB, which no etcd holds';
