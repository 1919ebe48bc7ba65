import { UnloopError } from '@/lib/domain/unloop-error';

/** All streams of this process. Each costs some memory and a share of every change. */
const ALL = 1000;
/** Behind `kubectl port-forward` or a proxy all viewers have one address. */
const OF_ONE_CLIENT = 400;

/** Counts open streams, in all and by client. */
export class StreamSlots {
  #byClient = new Map<string, number>();
  #all = 0;

  get open(): number {
    return this.#all;
  }

  /** Takes a slot for the client; the function given back frees it, once. Throws UnloopError `too-many-streams`. */
  take(client: string): () => void {
    const own = this.#byClient.get(client) ?? 0;
    if (own >= OF_ONE_CLIENT || this.#all >= ALL) {
      const whose =
        own >= OF_ONE_CLIENT ? `${own} streams are open from this address` : `${this.#all} streams are open`;
      throw new UnloopError('too-many-streams', `${whose}, as many as are served`, 'Close other pages and try again.');
    }
    this.#byClient.set(client, own + 1);
    this.#all++;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#all--;
      const left = (this.#byClient.get(client) ?? 1) - 1;
      if (left > 0) this.#byClient.set(client, left);
      else this.#byClient.delete(client);
    };
  }
}
