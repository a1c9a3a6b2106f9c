/** The style of {@link docsPage}, served as a file of its own because inline styles are forbidden. */
export const DOCS_STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
small { font-weight: normal; opacity: 0.7; }
details { border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); padding: 0.4rem 0; }
summary { cursor: pointer; }
summary small { float: right; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0; }
caption { text-align: left; font-weight: 600; }
td { vertical-align: top; padding: 0.2rem 1rem 0.2rem 0; }
code, pre { font: 0.875em/1.4 ui-monospace, monospace; }
pre { overflow: auto; max-height: 24rem; padding: 0.5rem; background: color-mix(in srgb, currentColor 6%, transparent); }
summary code:first-child { display: inline-block; min-width: 4rem; font-weight: 600; }
`;
