// How many positions a sequence has room for where nobody says.

/** Memory for keys and values grows with it, so a model's own limit, which may be a million, is not taken unasked. */
export const DEFAULT_CONTEXT = 4096;

/** What was asked for; else the model's own limit, at most DEFAULT_CONTEXT. */
export function plannedPositions(context: number | undefined, asked: number | undefined): number {
  return asked ?? Math.min(context ?? DEFAULT_CONTEXT, DEFAULT_CONTEXT);
}
