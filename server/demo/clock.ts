import type { EpochMs } from '@/lib/domain/time';

interface Task {
  readonly at: number;
  readonly order: number;
  run: (() => void) | null;
}

/** Takes a task out of the queue again; calling it twice, or after it ran, does nothing. */
export type Cancel = () => void;

/**
 * The clock of the simulated cluster and its one queue of tasks. Times are milliseconds of simulated time, which equals
 * real time up to the opening of the cluster and runs `speed` times as fast from then on.
 */
export class Clock {
  readonly openedAt: EpochMs;
  readonly #speed: number;
  readonly #heap: Task[] = [];
  #now: number;
  #order = 0;

  /** `openedAt` is the instant at which clients may connect, `beginAt` the start of the history before it. */
  constructor(options: { beginAt: EpochMs; openedAt: EpochMs; speed: number }) {
    this.openedAt = options.openedAt;
    this.#now = options.beginAt;
    this.#speed = options.speed;
  }

  /** The simulated instant of the task that runs, or the end of the last `runUntil`. */
  get now(): number {
    return this.#now;
  }

  /** Real instant of a simulated one: what is written into objects and log lines. */
  wall(at: number): EpochMs {
    return at <= this.openedAt ? at : this.openedAt + (at - this.openedAt) / this.#speed;
  }

  /** Simulated instant of a real one. */
  simulated(wall: EpochMs): number {
    return wall <= this.openedAt ? wall : this.openedAt + (wall - this.openedAt) * this.#speed;
  }

  /** A Kubernetes timestamp, cut to whole seconds as the API writes them. */
  stamp(at: number): string {
    return `${new Date(Math.floor(this.wall(at) / 1000) * 1000).toISOString().slice(0, 19)}Z`;
  }

  /** A Kubernetes MicroTime. */
  microStamp(at: number): string {
    return `${new Date(this.wall(at)).toISOString().slice(0, 23)}000Z`;
  }

  /** Runs `task` at the simulated instant `at`, or as soon as possible where that has passed. */
  at(at: number, task: () => void): Cancel {
    const entry: Task = { at: Math.max(at, this.#now), order: this.#order, run: task };
    this.#order += 1;
    this.#push(entry);
    return () => {
      entry.run = null;
    };
  }

  /** Runs `task` after a simulated delay in milliseconds. */
  after(delayMs: number, task: () => void): Cancel {
    return this.at(this.#now + Math.max(0, delayMs), task);
  }

  /** The simulated instant of the next task, or null when nothing is planned. */
  nextAt(): number | null {
    for (let top = this.#heap[0]; top; top = this.#heap[0]) {
      if (top.run) return top.at;
      this.#pop();
    }
    return null;
  }

  /** Runs every task up to the simulated instant `until`, in order, and leaves the clock there. */
  runUntil(until: number): void {
    for (let due = this.nextAt(); due !== null && due <= until; due = this.nextAt()) {
      const task = this.#pop();
      this.#now = due;
      task?.run?.();
    }
    this.#now = Math.max(this.#now, until);
  }

  #before(left: Task, right: Task): boolean {
    return left.at < right.at || (left.at === right.at && left.order < right.order);
  }

  #push(entry: Task): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || !this.#before(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): Task | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!top || !last || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      let below = heap[child];
      const right = heap[child + 1];
      if (right && below && this.#before(right, below)) {
        child += 1;
        below = right;
      }
      if (!below || !this.#before(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
    return top;
  }
}
