// How much a session keeps so that it can go back.
import { badOption } from './errors.ts';
import { ROLLBACK } from './plan.ts';

export interface RollbackOptions {
  /** Tokens between two copies of the state, of a long prompt or text; 256 unless given. */
  readonly every?: number | undefined;
  /** Most copies; 8 unless given. Without any, going back can mean to run all tokens before again. */
  readonly copies?: number | undefined;
  /** Most bytes of GPU memory for copies; 128 MiB unless given. */
  readonly bytes?: number | undefined;
  /** Tokens that are remembered at least, in 8 bytes each; 1,048,576 unless given. */
  readonly tokens?: number | undefined;
}

export interface SessionOptions {
  /** What is kept for `session.rollback` and `session.edit`. */
  readonly rollback?: RollbackOptions | undefined;
}

export type Rollback = Readonly<Record<keyof RollbackOptions, number>>;

/** Throws `bad_option`. */
export function rollbackOf(options: RollbackOptions = {}): Rollback {
  const rollback: Rollback = {
    every: options.every ?? ROLLBACK.every,
    copies: options.copies ?? ROLLBACK.copies,
    bytes: options.bytes ?? ROLLBACK.bytes,
    tokens: options.tokens ?? ROLLBACK.tokens,
  };
  for (const [name, value] of Object.entries(rollback)) {
    const least = name === 'every' || name === 'tokens' ? 1 : 0;
    if (value !== Infinity && !(Number.isSafeInteger(value) && value >= least))
      throw badOption(`rollback.${name} must be a whole number, ${least} or more, and is ${value}`);
  }
  return rollback;
}
