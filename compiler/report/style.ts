// The report's style sheet.

export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2330; --paper: #fbfaf7; --soft: #6a7282; --line: #dcdad3; --accent: #2f6f8f; --panel: #f2f0ea; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e4dd; --paper: #15181d; --soft: #98a0ae; --line: #333943; --accent: #7fb8d4; --panel: #1d2128; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 ui-sans-serif, system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 3rem 1.5rem 6rem; }
h1 { font-size: 2.6rem; margin: 0; letter-spacing: -0.02em; }
h2 { margin: 3rem 0 0.5rem; font-size: 1.35rem; }
h3 { margin: 1.5rem 0 0.5rem; font-size: 1rem; color: var(--soft); }
p { margin: 0.25rem 0 1rem; color: var(--soft); max-width: 46rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin-top: 1.5rem; }
.figure b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.figure span { color: var(--soft); font-size: 0.875rem; }
.stripe { list-style: none; display: flex; flex-wrap: wrap; gap: 4px; padding: 0; margin: 0; }
.stripe li { display: flex; flex-direction: column; gap: 2px; }
.letter { padding: 0.6rem 0.7rem; border-radius: 4px; font: 600 0.8rem ui-monospace, monospace; color: #fff; text-align: center; }
.hue-0 { background: #2f6f8f; } .hue-1 { background: #b4642d; } .hue-2 { background: #5b7f3a; } .hue-3 { background: #7d4f93; }
.hue-4 { background: #a33f52; } .hue-5 { background: #3d6bb3; } .hue-6 { background: #8a7420; } .hue-7 { background: #4f7f78; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 0.35rem 0.75rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th { color: var(--soft); font-weight: 500; }
.prose th, .prose td { text-align: left; white-space: normal; vertical-align: top; }
.prose td:nth-child(2) { white-space: nowrap; }
.bar { display: inline-block; min-width: 9rem; padding: 0 0.35rem; background: linear-gradient(to left, color-mix(in srgb, var(--accent) 28%, transparent) var(--share), transparent 0); }
.fired { color: var(--accent); font-weight: 600; }
.declined { color: var(--soft); }
details { border-top: 1px solid var(--line); }
summary { cursor: pointer; padding: 0.5rem 0; }
summary b { font: 600 0.9rem ui-monospace, monospace; }
summary span { color: var(--soft); margin-left: 0.5rem; }
.beside { display: grid; grid-template-columns: minmax(14rem, 1fr) 3fr; gap: 1rem; margin-bottom: 1.5rem; }
@media (max-width: 48rem) { .beside { grid-template-columns: 1fr; } }
.sources { list-style: none; padding: 0; margin: 0; font-size: 0.8rem; overflow-wrap: anywhere; }
.sources li { padding: 0.3rem 0; border-bottom: 1px solid var(--line); }
.sources code:first-child { color: var(--soft); display: block; }
pre { margin: 0; padding: 1rem; background: var(--panel); border-radius: 6px; overflow: auto; max-height: 36rem; font: 0.8rem/1.5 ui-monospace, monospace; }
.token.comment { color: var(--soft); font-style: italic; }
.token.keyword { color: #a0467a; } .token.function { color: var(--accent); } .token.number, .token.boolean { color: #b4642d; }
.token.builtin { color: #5b7f3a; } .token.attr-name, .token.attributes { color: #7d4f93; }
@media (prefers-color-scheme: dark) {
  .token.keyword { color: #e094bf; } .token.number, .token.boolean { color: #e6a06c; } .token.builtin { color: #a5c884; } .token.attr-name, .token.attributes { color: #c5a0da; }
}
`;
