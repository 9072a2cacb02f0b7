/*
 * The Inspector's page in a browser: Connect leads to Entra's page, where the person's clicks are made
 * in the browser, and back.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, startBrowser } from '../stage/browser.mjs';
import { use } from '../stage/fixture.mjs';
import { startInspector } from '../stage/inspector.mjs';
import { home } from '../stage/programs/home.mjs';
import { CIMD, clickThrough, opening, programSignsIn } from '../stage/sign_in.mjs';

const skip = chromium ? false : 'there is no chromium';
const browser = chromium ? use(startBrowser) : undefined;

/* That of a given client id is its command line's (inspector_command.test.mjs), which signs in by the same code. */
const KINDS = {
	'a client metadata document': () => ({ cimd: { enabled: true, clientMetadataUrl: CIMD } }),
	'registration': () => ({}),
};

async function clientOf({ endpoint }, { cimd }) {
	const { path, env, age, remove } = home();
	const settings = join(path, 'client.json');
	writeFileSync(settings, JSON.stringify({ cimd }));
	const inspector = await startInspector({ server: { type: 'streamable-http', url: endpoint } },
		{ ...env, MCP_INSPECTOR_SECRET_STORE: 'file', MCP_CLIENT_CONFIG_PATH: settings });
	const url = inspector.url.replace('127.0.0.1', 'localhost');
	let page;
	return { age,
		async close() {
			await inspector.stop();
			remove();
		},
		async me() {
			const signedIn = page !== undefined;
			if (signedIn)
				await page.load(url); /* where it reads what it knows of tokens */
			else
				page = await browser().open(url);
			await page.click('input', 'Connect or disconnect "server"');
			if (!signedIn)
				await clickThrough(page);
			await page.shows('graph-mcp-handler');
			await page.click('label', 'Tools');
			await page.click('button', 'My Microsoft profile');
			await page.click('button', 'Execute Tool');
			await page.shows('"displayName": ');
			const [, displayName] = (await page.text()).match(/"displayName": "([^"]*)"/);
			return { displayName };
		} };
}

const open = opening(clientOf);

programSignsIn(KINDS, 'registration', open, { skip });
