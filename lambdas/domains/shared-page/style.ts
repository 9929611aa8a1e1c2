/** The style of the page: one column for a phone, both colour schemes, no fonts or pictures. */
export const style = `
:root { color-scheme: light dark; --bg: #fff; --fg: #17202a; --soft: #55606e; --line: #d5dae1; --card: #f6f8fa; --accent: #0a58ca; --on-accent: #fff; --good: #0f6b37; --bad: #a3260f; }
@media (prefers-color-scheme: dark) { :root { --bg: #12161c; --fg: #e8ecf1; --soft: #a9b4c0; --line: #38424e; --card: #1b222b; --accent: #8ab4ff; --on-accent: #0b1526; --good: #6fd89b; --bad: #ff9d8a; } }
* { box-sizing: border-box; }
body { margin: 0; overflow-wrap: anywhere; background: var(--bg); color: var(--fg); font: 1rem/1.5 system-ui, sans-serif; }
main, footer, .top { max-width: 46rem; margin: 0 auto; padding: 0 1rem; }
.top { display: flex; justify-content: flex-end; padding-top: .75rem; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 1.75rem 0 0; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .4rem 0; }
a { color: var(--accent); }
.soft { color: var(--soft); font-size: .9rem; }
.bar { height: .5rem; border-radius: .25rem; background: var(--line); overflow: hidden; margin: .5rem 0; }
.bar > div { height: 100%; background: var(--good); }
article { border: 1px solid var(--line); border-radius: .5rem; background: var(--card); padding: .75rem; margin: .75rem 0; }
.head { display: flex; flex-wrap: wrap; gap: .25rem .75rem; justify-content: space-between; }
.state { font-weight: 600; } .state.good { color: var(--good); } .state.bad { color: var(--bad); }
dl { margin: .5rem 0 0; } dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0 0 .5rem; display: flex; gap: .5rem; align-items: flex-start; }
code { flex: 1; min-width: 0; overflow-wrap: anywhere; font: .9rem/1.45 ui-monospace, monospace; }
ins { color: var(--good); } del { color: var(--bad); }
button, select, .button { font: inherit; min-height: 2.5rem; padding: .35rem .8rem; border-radius: .4rem; border: 1px solid var(--soft); background: var(--bg); color: var(--fg); cursor: pointer; text-decoration: none; display: inline-block; }
.first { background: var(--accent); color: var(--on-accent); border-color: var(--accent); font-weight: 600; }
dd button { min-height: 2rem; padding: .1rem .6rem; font-size: .85rem; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; margin: .75rem 0; }
.list { list-style: none; padding: 0; } .list button { width: 100%; text-align: left; margin: .25rem 0; overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
footer { padding-top: 1.5rem; padding-bottom: 2rem; }
`;
