// Says which primitive makes a model an encoder, and where it is written.
import type { ReadsAhead } from './causality.ts';

/** A clause: `the flip in layer 0 (X), at model.hyb:12, reads later positions`. */
export function describeAhead({ call, node }: ReadsAhead): string {
  const where = call.layer === undefined ? `\`${call.label}\`` : `layer ${call.layer} (${call.label})`;
  const line = node.span === undefined ? '' : `, at ${lineOf(node.span.source, node.span.start)},`;
  return `\`${node.op}\` in ${where}${line} reads later positions`;
}

function lineOf({ name, text }: { readonly name: string; readonly text: string }, start: number): string {
  return `${name}:${text.slice(0, start).split('\n').length}`;
}
