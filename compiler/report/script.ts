// The report's own script, in plain JavaScript: the kernel filter, and links into what is folded. The page reads well without it.

export const SCRIPT = `
'use strict';
const find = document.getElementById('find');
const found = document.getElementById('found');
const cards = [...document.querySelectorAll('.kernel')].map((card) => ({ card, text: card.textContent.toLowerCase() }));

function filter() {
  const words = find.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const program = document.querySelector('input[name=program]:checked').value;
  let count = 0;
  for (const { card, text } of cards) {
    const programs = card.dataset.programs.split(' ');
    const wanted = program === 'all' || (program === 'decode' ? ['decode', 'sample'] : ['prefill', 'last', 'all']).some((name) => programs.includes(name));
    card.hidden = !wanted || !words.every((word) => text.includes(word));
    if (!card.hidden) count += 1;
  }
  found.textContent = count === 1 ? '1 kernel' : count + ' kernels';
}

// A link may lead into something folded or filtered out.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = target && target.closest('details');
  if (!folded) return;
  folded.hidden = false;
  folded.open = true;
  target.scrollIntoView({ block: 'center' });
}

document.querySelector('form.filter').addEventListener('input', filter);
document.querySelector('form.filter').addEventListener('submit', (event) => event.preventDefault());
addEventListener('hashchange', reveal);
filter();
reveal();
`;
