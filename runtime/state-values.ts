// One state of a sequence as numbers: to look at, to keep, or to begin from one that was learned or computed elsewhere.
import { noSuchState, wrongStateSize } from './errors.ts';
import type { StatePlan } from './plan.ts';
import { readBuffer } from './readback.ts';
import type { Sequence } from './sequence.ts';

/** f32, in the order of the state's axes. Throws `no_such_state`. */
export async function readState({ parts, memory }: Sequence, name: string): Promise<Float32Array> {
  const state = stateOf(parts.plan.states, name);
  const { buffer, byteOffset } = state;
  const bytes = await readBuffer(parts, memory.buffer(buffer), byteOffset, 4 * countOf(state));
  return new Float32Array(bytes.buffer);
}

/** Throws `no_such_state`, or `bad_option` where there are not as many values as the state has. */
export function writeState({ parts, memory }: Sequence, name: string, values: ArrayLike<number>): void {
  const state = stateOf(parts.plan.states, name);
  if (values.length !== countOf(state)) throw wrongStateSize(state, values.length);
  parts.device.queue.writeBuffer(memory.buffer(state.buffer), state.byteOffset, Float32Array.from(values));
}

function stateOf(states: readonly StatePlan[], name: string): StatePlan {
  const state = states.find((candidate) => candidate.name === name);
  if (state === undefined)
    throw noSuchState(
      name,
      states.map((candidate) => candidate.name),
    );
  return state;
}

function countOf({ axes }: StatePlan): number {
  return axes.reduce((product, { size }) => product * size, 1);
}
