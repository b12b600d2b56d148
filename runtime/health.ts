// Whether the device still works: losses and refused commands are remembered and told at the next call.
import { destroyed, deviceLost, gpuError, reasonOf } from './errors.ts';
import type { HybError } from './errors.ts';

/** How long to wait for the reason of a loss, once something failed. */
const REASON_MILLISECONDS = 100;

/** Watches one device. */
export class Health {
  readonly #device: GPUDevice;
  #failure: HybError | null = null;
  #closed = false;
  readonly #onError = (event: GPUUncapturedErrorEvent): void => {
    this.#failure ??= gpuError(event.error.message);
  };
  /** Resolves when the device is lost, by a fault or by destroy. */
  readonly lost: Promise<HybError>;

  constructor(device: GPUDevice) {
    this.#device = device;
    device.addEventListener('uncapturederror', this.#onError);
    this.lost = device.lost.then((info) => {
      const error = deviceLost(info.message === '' ? info.reason : info.message);
      this.#failure ??= error;
      return error;
    });
  }

  /** Throws what is known to be wrong. */
  check(): void {
    if (this.#closed) throw destroyed('model');
    if (this.#failure !== null) throw this.#failure;
  }

  /** What to throw after `cause` came out of a GPU call: usually the device is gone, and its reason arrives a little later. */
  async explain(cause: unknown): Promise<HybError> {
    if (this.#closed) return destroyed('model');
    const late = new Promise<HybError>((resolve) => {
      setTimeout(() => resolve(this.#failure ?? gpuError(reasonOf(cause))), REASON_MILLISECONDS);
    });
    return this.#failure ?? Promise.race([this.lost, late]);
  }

  /** Waits until the queue has done all submitted work; throws where the device is lost meanwhile. */
  async settle(): Promise<void> {
    try {
      await this.#device.queue.onSubmittedWorkDone();
    } catch (cause) {
      throw await this.explain(cause);
    }
    this.check();
  }

  close(): void {
    this.#closed = true;
    this.#device.removeEventListener('uncapturederror', this.#onError);
  }
}
