// Says which primitive makes a model an encoder, and where it is written.
import type { ReadsAhead } from './causality.ts';

/** A clause: `the flip in layer 0 (X), at model.hyb:12, reads later positions`. */
export function describeAhead(place: ReadsAhead): string {
  return `\`${place.node.op}\` in ${describePlace(place)} reads later positions`;
}

/** `layer 3 (SSM), at own.hyb:12,`: the layer of a call, and the line that its node comes from. */
export function describePlace({ call, node }: ReadsAhead): string {
  const where = call.layer === undefined ? `\`${call.label}\`` : `layer ${call.layer} (${call.label})`;
  return node.span === undefined ? where : `${where}, at ${lineOf(node.span.source, node.span.start)},`;
}

function lineOf({ name, text }: { readonly name: string; readonly text: string }, start: number): string {
  return `${name}:${text.slice(0, start).split('\n').length}`;
}
