// How a stage says that the compiler, not the user, made a mistake.

/** Throws an error that names a broken invariant; its message starts with "internal:". */
export function internal(message: string): never {
  throw new Error(`internal: ${message}`);
}
