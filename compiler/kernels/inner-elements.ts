// The printer of the body of one step of a recurrence, which stands inside another body.
import type { Body } from '../ir/graph.ts';
import type { Elements } from './elements.ts';

type Own = Required<Pick<Elements, 'source'>> & Partial<Pick<Elements, 'bound' | 'storage'>>;

/** `own` says what the body's sources are, what is in registers already (nothing) and what in memory (nothing). */
export function innerElements(outer: Elements, body: Body, own: Own): Elements {
  return {
    body,
    phase: outer.phase,
    bound: new Map(),
    storage: () => undefined,
    state: () => {
      throw new Error('internal: a recurrence inside a recurrence');
    },
    control: (word) => outer.control(word),
    tokenId: (token) => outer.tokenId(token),
    helper: (text) => outer.helper(text),
    ...own,
  };
}
