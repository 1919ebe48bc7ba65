import { UnloopError } from '@/lib/domain/unloop-error';
import { ForeignAnswer } from './foreign-answer';
import { inWords, KubeError, messageOf } from './kube-error';

/** What is watched, for texts. */
export interface WatchedThing {
  /** Address of the API server. */
  readonly server: string;
  /** `pods`, `events`. */
  readonly name: string;
  /** `*` for all. */
  readonly namespace: string;
}

const whereOf = ({ namespace }: WatchedThing) =>
  namespace === '*' ? 'in all namespaces' : `in namespace ${namespace}`;
const asSentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);

/** What failed, where, and what to do, for a list or watch that threw `error`. */
export function failureWords(watched: WatchedThing, error: unknown): string {
  const { server, name } = watched;
  const where = whereOf(watched);
  if (error instanceof KubeError && error.status === 401) {
    return `The API server does not accept these credentials (401): ${messageOf(error)}. Log in again or renew the token; Unloop tries again every 30 s.`;
  }
  if (error instanceof KubeError && error.status === 403) {
    return `Not permitted to list and watch ${name} ${where}: ${messageOf(error)}. Grant the verbs list and watch on ${name}, or name permitted namespaces with --namespace; Unloop looks again every 30 s.`;
  }
  if (error instanceof ForeignAnswer) {
    return `${server} was asked for ${name} ${where} and answered with ${asSentence(error.message)} A proxy or another server may answer in place of the API server; Unloop tries again by itself.`;
  }
  if (error instanceof UnloopError) return inWords(error);
  if (error instanceof KubeError) {
    return `The API server answered ${error.status} to the watch of ${name} ${where}: ${messageOf(error)}. Unloop tries again by itself.`;
  }
  return `The watch of ${name} ${where} failed: ${messageOf(error)}. Unloop tries again by itself.`;
}

/** The words for a server that took the question and sends nothing. */
export function unansweredWords(watched: WatchedThing, silentMs: number): string {
  return `${watched.server} was asked for ${watched.name} ${whereOf(watched)} and has sent nothing for ${seconds(silentMs)}. It may be overloaded, or a proxy keeps its answers back; Unloop waits and then asks again.`;
}

/** The words for an open watch without an event or a bookmark, while a list is asked for. */
export function quietWords(watched: WatchedThing, silentMs: number): string {
  return `The watch of ${watched.name} ${whereOf(watched)} has brought neither an event nor a bookmark for ${seconds(silentMs)}, though the API server sends one every minute. Unloop lists anew.`;
}

/** The words for a watch that stays open and leaves out what a list shows. */
export function blindWords(watched: WatchedThing, silentMs: number): string {
  return `The watch of ${watched.name} ${whereOf(watched)} is open but brings nothing: a list shows changes that it left out. A proxy may hold the stream back. Unloop lists anew every ${seconds(silentMs)} until the watch brings an event.`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
