// The report's style sheet: light and dark, narrow and printed.

export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1d2430; --paper: #fcfbf8; --soft: #5f6878; --line: #e0ddd5; --panel: #f4f2ec; --accent: #1f6488; --wash: #1f648822;
  --h0: #2b6f94; --h1: #b05a2a; --h2: #557f36; --h3: #7c4f95; --h4: #a63d52; --h5: #3f66b0; --h6: #85701c; --h7: #40746d; --grey: #747c89;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e5e3dc; --paper: #14171c; --soft: #9aa3b2; --line: #2c323b; --panel: #1b1f26; --accent: #82bfdf; --wash: #82bfdf2e;
    --h0: #3a86ad; --h1: #c26d3c; --h2: #678f49; --h3: #9268ab; --h4: #bd5468; --h5: #5a80c6; --h6: #978236; --h7: #538a82; --grey: #68717f;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', sans-serif; }
main { max-width: 74rem; margin: 0 auto; padding: 0 1.5rem 6rem; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
nav { position: sticky; top: 0; z-index: 1; background: var(--paper); border-bottom: 1px solid var(--line); }
nav ul { display: flex; gap: 1.4rem; list-style: none; max-width: 74rem; margin: 0 auto; padding: 0.7rem 1.5rem; overflow-x: auto; font-size: 0.875rem; }
nav a { color: var(--soft); text-decoration: none; white-space: nowrap; }
nav a:hover { color: var(--accent); }
header { padding-top: 3.5rem; }
.kind { margin: 0; color: var(--soft); font-size: 0.875rem; }
h1 { margin: 0; font-size: clamp(2.2rem, 6vw, 3.2rem); line-height: 1.15; letter-spacing: -0.025em; overflow-wrap: anywhere; }
h2 { margin: 4rem 0 0.2rem; font-size: 1.5rem; letter-spacing: -0.01em; }
h3 { margin: 2rem 0 0.5rem; font-size: 1.05rem; }
h4 { margin: 1.1rem 0 0.3rem; font-size: 0.8rem; color: var(--soft); font-weight: 600; }
.intro { margin: 0.2rem 0 1.4rem; color: var(--soft); max-width: 48rem; }
code, pre { font-family: var(--mono); }
.faint { color: var(--soft); font-weight: 400; }
.figures { display: grid; grid-template-columns: repeat(6, 1fr); gap: 1.4rem 1.5rem; margin: 2rem 0 0; }
.figures div { display: flex; flex-direction: column; border-top: 2px solid var(--ink); padding-top: 0.5rem; }
.figures dd { margin: 0; font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.figures dt { color: var(--soft); font-size: 0.85rem; }
.hue-0 { --hue: var(--h0); } .hue-1 { --hue: var(--h1); } .hue-2 { --hue: var(--h2); } .hue-3 { --hue: var(--h3); }
.hue-4 { --hue: var(--h4); } .hue-5 { --hue: var(--h5); } .hue-6 { --hue: var(--h6); } .hue-7 { --hue: var(--h7); } .hue-none { --hue: var(--grey); }
rect { fill: var(--hue); }
.chip { display: inline-block; width: 0.75rem; height: 0.75rem; border-radius: 3px; background: var(--hue); margin-right: 0.45rem; flex: none; }
.stripe { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem; padding: 0; margin: 0; }
.stripe svg { display: block; }
.stripe text { text-anchor: middle; }
.stripe .index { fill: var(--soft); font-size: 10px; }
.stripe .letter { fill: #fff; font-weight: 600; font-family: var(--mono); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.4rem 1.6rem; padding: 0; margin: 1.2rem 0 0; font-size: 0.9rem; }
.legend b { margin-right: 0.3rem; } .legend .faint { margin-left: 0.5rem; }
.legend.tall { flex-direction: column; margin: 0; gap: 0.8rem; }
.legend.tall .faint { display: block; margin-left: 1.2rem; }
.bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: 0.5rem 1rem; align-items: center; font-size: 0.9rem; }
.bars .value { text-align: right; font-variant-numeric: tabular-nums; }
.bar { width: 100%; height: 1.4rem; display: block; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 0 3rem; align-items: start; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); gap: 1.5rem 2rem; margin: 2rem 0 1rem; align-items: center; }
figure { margin: 0; } figure.alone { margin: 0.5rem 0 1rem; }
figcaption { font-size: 0.85rem; margin-bottom: 0.3rem; }
.columns { display: block; width: 100%; height: 7rem; border-bottom: 1px solid var(--line); }
.ticks { display: flex; font-size: 0.7rem; color: var(--soft); }
.ticks span { flex: 1; text-align: center; overflow: hidden; text-overflow: ellipsis; min-width: 0; }
tbody tr.total > * { font-weight: 600; border-bottom: 0; }
.wide { overflow-x: auto; margin-top: 1.2rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: 0.4rem; }
th, td { text-align: right; padding: 0.32rem 0.7rem; border-bottom: 1px solid var(--line); white-space: nowrap; font-weight: 400; }
th:first-child { text-align: left; padding-left: 0; }
thead th { color: var(--soft); }
tbody tr:hover { background: var(--panel); }
.share { display: inline-block; min-width: 7.5rem; padding: 0 0.3rem; border-radius: 2px; background: linear-gradient(to left, var(--wash) var(--share), transparent 0); }
.source { display: inline-block; min-width: 16rem; text-align: left; white-space: normal; color: var(--soft); font-size: 0.8rem; line-height: 1.35; }
.filter { display: flex; flex-wrap: wrap; gap: 0.6rem 1.5rem; align-items: center; margin: 0 0 1rem; padding: 0; border: 0; font-size: 0.9rem; }
.filter fieldset, fieldset.filter { border: 0; padding: 0; margin: 0; display: flex; gap: 0.9rem; }
fieldset.filter { margin-bottom: 1rem; }
legend { float: left; padding: 0; margin-right: 0.9rem; color: var(--soft); }
input { font: inherit; color: inherit; accent-color: var(--accent); }
input[type='search'] { background: var(--paper); border: 1px solid var(--line); border-radius: 5px; padding: 0.3rem 0.6rem; width: min(20rem, 70vw); margin-left: 0.4rem; }
output { color: var(--soft); margin-left: auto; }
.kernel, .file { border-top: 1px solid var(--line); }
.kernel summary { display: flex; align-items: center; gap: 0 0.75rem; padding: 0.5rem 0.2rem; cursor: pointer; }
.kernel summary::before, .file summary::before { content: '›'; color: var(--soft); width: 0.7rem; flex: none; display: inline-block; transition: transform 0.15s; }
.kernel[open] summary::before, .file[open] summary::before { transform: rotate(90deg); }
summary { list-style: none; } summary::-webkit-details-marker { display: none; }
.kernel summary:hover, .file summary:hover { background: var(--panel); }
.kernel summary code { font-size: 0.85rem; font-weight: 600; overflow-wrap: anywhere; }
.kernel .chip { margin: 0; }
.kernel .title { color: var(--soft); font-size: 0.85rem; flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.kernel[open] .title { white-space: normal; }
.kernel .time { font-size: 0.85rem; text-align: right; flex: none; font-variant-numeric: tabular-nums; }
.beside { display: grid; grid-template-columns: minmax(15rem, 22rem) minmax(0, 1fr); gap: 1.5rem; padding: 0.2rem 0 2rem 1.4rem; align-items: start; }
.beside h4:first-child { margin-top: 0; }
.inside { scroll-margin-top: 5rem; }
pre { margin: 0; padding: 1rem 1.1rem; background: var(--panel); border-radius: 6px; overflow: auto; max-height: 42rem; font-size: 0.78rem; line-height: 1.55; tab-size: 2; }
.plain, .causes { list-style: none; margin: 0; padding: 0; font-size: 0.85rem; overflow-wrap: anywhere; }
.causes li { padding: 0.25rem 0 0.4rem; border-bottom: 1px solid var(--line); }
.causes a { font-size: 0.78rem; display: block; }
.causes code { font-size: 0.8rem; }
.facts { margin: 0; font-size: 0.85rem; }
.facts div { display: flex; gap: 0.8rem; } .facts dt { color: var(--soft); width: 5.5rem; flex: none; } .facts dd { margin: 0; }
.log { list-style: none; padding: 0; margin: 0; display: grid; gap: 0.9rem; }
.log > li { display: grid; grid-template-columns: 5rem 1fr; font-size: 0.9rem; }
.log b { font-weight: 600; } .log .plain { color: var(--soft); columns: 20rem auto; column-gap: 2rem; }
.mark { color: var(--h2); font-weight: 600; } .is-declined .mark { color: var(--h4); }
.fusions:has(#fusion-fused:checked) .is-declined, .fusions:has(#fusion-declined:checked) .is-fused { display: none; }
.file summary { padding: 0.5rem 0.2rem; cursor: pointer; }
.lines { margin: 0 0 1.5rem; padding: 0.8rem 0 0.8rem 3.4rem; background: var(--panel); border-radius: 6px; overflow-x: auto; font: 0.8rem/1.6 var(--mono); }
.lines li { padding-left: 0.7rem; border-left: 2px solid transparent; white-space: pre; scroll-margin-top: 5rem; }
.lines li::marker { color: var(--soft); font-size: 0.7rem; }
.lines .caused { border-left-color: var(--accent); }
.lines li:target { background: var(--wash); }
.links { margin-left: 1.5rem; display: inline-flex; gap: 0.35rem; } .links a { font-size: 0.7rem; text-decoration: none; min-width: 1.1rem; text-align: center; background: var(--wash); border-radius: 3px; }
.c { color: var(--soft); font-style: italic; } .k { color: var(--h3); } .f { color: var(--h0); } .n { color: var(--h1); } .b { color: var(--h2); } .a { color: var(--h4); } .s { color: var(--h2); }
@media (prefers-color-scheme: dark) { .k { color: #c9a3de; } .f { color: #8cc4e2; } .n { color: #e5a277; } .b, .s { color: #a4c887; } .a { color: #e690a1; } }
@media (max-width: 68rem) { .figures { grid-template-columns: repeat(3, 1fr); } }
@media (max-width: 52rem) {
  body { font-size: 15px; } main { padding: 0 1rem 4rem; } nav ul { padding-inline: 1rem; gap: 1.1rem; }
  header { padding-top: 2rem; } h2 { margin-top: 3rem; }
  .figures { grid-template-columns: repeat(2, 1fr); gap: 1rem; } .figures dd { font-size: 1.4rem; }
  .beside { grid-template-columns: minmax(0, 1fr); padding-left: 0; }
  .kernel summary { flex-wrap: wrap; } .kernel .title { order: 3; flex-basis: 100%; padding-left: 1.45rem; } .kernel .time { margin-left: auto; }
  .share { min-width: 4.5rem; } .bars { grid-template-columns: 1fr max-content; grid-auto-flow: dense; gap: 0.1rem 1rem; } .bars svg { grid-column: 1 / -1; margin-bottom: 0.6rem; }
  .bars > span { grid-column: 1; } .bars > .value { grid-column: 2; } .log > li { grid-template-columns: 1fr; } output { margin-left: 0; }
}
@media print {
  :root { --paper: #fff; --panel: #f6f5f1; --ink: #000; --soft: #444; --line: #ccc; }
  body { font-size: 10pt; } nav, .filter, .links { display: none; } main { max-width: none; padding: 0; }
  h2 { break-after: avoid; margin-top: 2rem; } tr, figure, .stripe li, .log li { break-inside: avoid; } pre { max-height: none; white-space: pre-wrap; }
  * { print-color-adjust: exact; }
}
`;
