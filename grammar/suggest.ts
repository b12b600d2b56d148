// Did-you-mean: the candidate nearest to a name that was not found.

/** Shorter beginnings are common to names that have nothing else in common. */
const shortestStem = 3;

/** The nearest candidate within a third of the name's length (at least one edit), or nothing. */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(name.length / 3));
  const lower = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) > limit) continue;
    const distance = editDistance(lower, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  // A one-letter name is one edit from every other one-letter name, which helps nobody.
  if (name.length === 1) return bestDistance > 0 ? undefined : best;
  return best ?? extended(lower, candidates);
}

/** The shortest candidate that begins with the name, or the longest that the name begins with: `conv1d` for `conv`. */
function extended(name: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates].filter((candidate) => candidate.length >= shortestStem);
  const longer = all.filter((candidate) => candidate.toLowerCase().startsWith(name));
  const shorter = all.filter((candidate) => name.startsWith(candidate.toLowerCase()));
  const fromStem = name.length < shortestStem ? undefined : longer.toSorted(byLength)[0];
  return fromStem ?? shorter.toSorted(byLength).at(-1);
}

function byLength(a: string, b: string): number {
  return a.length - b.length;
}

/** Edits (insert, delete, replace, swap of neighbours) from one text to the other; stops at `limit`. */
function editDistance(from: string, to: string, limit: number): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    let least = i;
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let cost = Math.min(at(previous, j) + 1, at(current, j - 1) + 1, at(previous, j - 1) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (swapped) cost = Math.min(cost, at(beforePrevious, j - 2) + 1);
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least >= limit) return limit;
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
