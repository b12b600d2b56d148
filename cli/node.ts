// hyb/node: the WebGPU of Node, for programs that load models there.
import { findGpuOfNode, type AdapterKind } from './adapter.ts';

export type { AdapterKind } from './adapter.ts';

/**
 * What browsers have as `navigator.gpu`: `load(bundle, { weights, gpu: await nodeGPU() })`. `auto` is the system's GPU where there is one,
 * else, on Linux, the software adapter. WebGPU's own constants are global afterwards, as in a browser. Throws an error that says what
 * is missing.
 */
export function nodeGPU(kind: AdapterKind = 'auto'): Promise<GPU> {
  return findGpuOfNode(kind);
}
