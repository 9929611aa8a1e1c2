import { actions } from './script-actions.ts';
import { view } from './script-view.ts';

/** Milliseconds between the end of a check and the next, while the page is visible. */
export const CHECK_EVERY_MS = 8_000;

/**
 * The script of the page. Its token is in the fragment of the address, which browsers send to nobody;
 * it goes out in bodies only. Texts of others come into the page as text, never as HTML.
 */
export const script = `(() => {
'use strict';
const CHECK_EVERY_MS = ${CHECK_EVERY_MS};
const { t, hints, kinds, lang, languages } = JSON.parse(document.getElementById('texts').textContent);
const token = decodeURIComponent(location.hash.slice(1));
const base = location.pathname.replace(/\\/$/, '');
const state = { all: undefined, domain: undefined, records: undefined, connect: undefined, dns: undefined, busy: false, short: false, stopped: false };
${view}
${actions}
})()`;
