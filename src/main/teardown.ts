/** What was started, in order, so that it can be stopped in the opposite one: embedded servers last. */
export class Teardown {
  readonly #steps: { name: string; stop: () => unknown }[] = [];
  #running: Promise<void> | undefined;

  /** `stop` may reject: the rest is stopped all the same. */
  add(name: string, stop: () => unknown): void {
    this.#steps.push({ name, stop });
  }

  /** Stops everything, once, however often it is asked. */
  run(failed: (name: string, error: unknown) => void): Promise<void> {
    this.#running ??= this.#stopAll(failed);
    return this.#running;
  }

  async #stopAll(failed: (name: string, error: unknown) => void): Promise<void> {
    for (const { name, stop } of this.#steps.splice(0).reverse()) {
      try {
        await stop();
      } catch (error) {
        failed(name, error);
      }
    }
  }
}
