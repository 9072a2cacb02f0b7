/*
 * A page of another origin in a browser, which is an MCP client by the official SDK: it registers, sends
 * the person to Entra's page and goes on where the person comes back to.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { chromium, startBrowser } from '../stage/browser.mjs';
import { use } from '../stage/fixture.mjs';
import { clickThrough, inEachPlace, signsIn } from '../stage/sign_in.mjs';
import { startPages } from '../stage/web_pages.mjs';

const skip = chromium ? false : 'there is no chromium';
const browser = chromium ? use(startBrowser) : undefined;
const pages = await startPages();
after(() => pages.stop());
/* Where Entra sends the person back to: localhost, whatever its page is called here. */
const ORIGIN = `http://localhost:${pages.port}`;

async function clientOf({ endpoint }) {
	const page = await browser().open(ORIGIN);
	await page.shows('ready');
	const call = (url) => window.me(url);
	let signedIn = false;
	return { async me() {
		if (signedIn)
			return page.evaluate(call, endpoint);
		await page.evaluate((url) => void window.me(url), endpoint);
		await clickThrough(page);
		await page.shows('displayName');
		signedIn = true;
		return JSON.parse(await page.text());
	},
	async age(change) {
		const tokens = await page.evaluate(() => JSON.parse(sessionStorage.kept).tokens);
		await page.evaluate((token) => {
			const kept = JSON.parse(sessionStorage.kept);
			kept.tokens.access_token = token;
			sessionStorage.kept = JSON.stringify(kept);
		}, await change(tokens.access_token));
	} };
}

inEachPlace((place) => {
	test('signs in from its own origin, and renews its token', async () => {
		await signsIn(place(), await clientOf(place()));
	});

	test('of an origin that is not allowed gets no token, nor may it register', async () => {
		const page = await browser().open(ORIGIN.replace('localhost', 'rebound.example'));
		await page.shows('ready');
		const post = (url) => Promise.all(['token', 'register'].map((action) =>
			fetch(`${url}/oauth/${action}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
				.then(({ status }) => status, ({ name }) => name)));
		assert.deepEqual(await page.evaluate(post, place().url), ['TypeError', 'TypeError']);
	});
}, { skip, places: ['alone', 'gateway'], env: () => ({ ALLOWED_ORIGINS: ORIGIN }) });
