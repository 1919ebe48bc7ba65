/** Counts the probes of one part of the attack, and gathers those that did not behave. */
export class Probes {
  readonly #part: string;
  readonly #failed: string[] = [];
  #tried = 0;

  /** Takes what is attacked, in words: "the server". */
  constructor(part: string) {
    this.#part = part;
  }

  /** How many were tried so far. */
  get tried(): number {
    return this.#tried;
  }

  /** Those that failed so far, each with what went wrong in one line. */
  get failed(): readonly string[] {
    return this.#failed;
  }

  /** Runs one probe; it fails where it throws or rejects. The others go on. */
  async try(name: string, probe: () => unknown): Promise<void> {
    this.#tried++;
    try {
      await probe();
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      this.#failed.push(`${JSON.stringify(name).slice(0, 200)}: ${words.replace(/\s+/g, ' ').slice(0, 400)}`);
    }
  }

  /** Says how many were tried and how many passed, in one line on stdout. */
  tell(): void {
    const passed = this.#tried - this.#failed.length;
    process.stdout.write(`attack on ${this.#part}: ${this.#tried} probes, ${passed} passed\n`);
  }
}
