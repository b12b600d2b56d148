// A device whose calls are counted: everything that makes an object or moves data.

export interface CountedDevice {
  readonly device: GPUDevice;
  /** Calls by method name. */
  readonly counts: Map<string, number>;
}

const COUNTED = /^(?:create|begin|write|submit|mapAsync|importExternalTexture)/;

/** Wraps `device`. Buffers and command buffers stay what they are, so that the device accepts them; buffers count mapAsync. */
export function countCalls(device: GPUDevice): CountedDevice {
  const counts = new Map<string, number>();
  const count = (name: string): void => {
    if (COUNTED.test(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (inner, key) => {
        const value: unknown = Reflect.get(inner, key);
        if (key === 'queue' && typeof value === 'object' && value !== null) return wrap(value);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]): unknown => {
          count(String(key));
          const result: unknown = Reflect.apply(value, inner, given);
          watch(result, key === 'createBuffer' ? 'mapAsync' : 'beginComputePass', count);
          return result;
        };
      },
    });
  return { device: wrap(device), counts };
}

/** Counts one method of an object that must stay itself. */
function watch(target: unknown, name: string, count: (name: string) => void): void {
  if (typeof target !== 'object' || target === null || !(name in target)) return;
  const method: unknown = Reflect.get(target, name);
  if (typeof method !== 'function') return;
  const value = (...given: unknown[]): unknown => {
    count(name);
    return Reflect.apply(method, target, given);
  };
  Object.defineProperty(target, name, { value });
}
