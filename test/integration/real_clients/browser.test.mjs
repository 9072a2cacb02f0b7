/*
 * /mcp from a real browser: the Inspector's page, which calls through its own server, and a page
 * that calls from its own origin with the official SDK, allowed and not.  Screenshots are left in
 * build/artifacts.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, describe, test } from 'node:test';
import { chromium, startBrowser } from '../stage/browser.mjs';
import { startAlone, startHosted, startSandbox, until, use } from '../stage/fixture.mjs';
import { startInspector } from '../stage/inspector.mjs';
import { startPages } from '../stage/web_pages.mjs';

const TOOLS = ['echo', 'hello', 'me', 'status', 'tools'];
const skip = chromium ? false : 'there is no chromium';

const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph } = sandbox;
const token = await entra.mintUserToken();
const pages = await startPages();
after(() => pages.stop());
const ORIGIN = `http://127.0.0.1:${pages.port}`;
const env = { ...sandbox.env, ALLOWED_ORIGINS: ORIGIN };
const browser = chromium ? use(startBrowser) : undefined;

async function keep(t, page, name) {
	const file = await page.screenshot(`${name}.png`);
	assert.equal(readFileSync(file).toString('latin1', 1, 4), 'PNG');
	t.diagnostic(file);
}

describe('the Inspector\'s page', { skip }, () => {
	const hosted = use(() => startHosted({ env, mode: 'proxying' }));
	const inspector = use(() => startInspector(Object.fromEntries(['legacy', 'modern'].map((era) =>
		[`${era} server`, { type: 'streamable-http', url: `${hosted().url}/mcp`,
			protocolEra: era, headers: { Authorization: `Bearer ${token}` } }]))));

	for (const [era, version] of [['legacy', '2025-11-25'], ['modern', '2026-07-28']]) {
		test(`${era}: connects, lists the tools, runs hello and me`, async (t) => {
			const page = await browser().open(inspector().url);
			await page.click('input', `Connect or disconnect "${era} server"`);
			await page.shows(`MCP ${version}`);
			await page.shows('graph-mcp-handler');
			await page.click('label', 'Tools');
			await page.shows('Tools (5)');
			for (const [name, title, result] of [
				['hello', 'Say hello', '"message": "Hello, World!"'],
				['me', 'My Microsoft profile', '"displayName": "Adele Vance"']]) {
				await page.click('button', title);
				await page.click('button', 'Execute Tool');
				await page.shows(result);
				await keep(t, page, `inspector_${era}_${name}`);
			}
			assert.equal(graph.counts.me, 1);
		});
	}
});

describe('a page of another origin', { skip }, () => {
	const handler = use(() => startAlone({ env, keeps: sandbox }));
	const endpoint = () => `${handler().url}/mcp`;
	const open = async (host) => {
		const page = await browser().open(`http://${host}:${pages.port}/`);
		await page.shows('ready');
		return page;
	};

	test('that is allowed uses the SDK in both eras', async (t) => {
		const page = await open('127.0.0.1');
		for (const [mode, era] of [['legacy', 'legacy'], ['auto', 'modern'],
			[{ pin: '2026-07-28' }, 'modern']]) {
			const call = (...args) => window.mcp(...args);
			assert.deepEqual(await page.evaluate(call, endpoint(), token, mode),
				{ era, tools: TOOLS, name: 'Adele Vance' });
		}
		await keep(t, page, 'page_sdk');
	});

	test('that is allowed may read the challenge and the documents it leads to', async () => {
		const page = await open('127.0.0.1');
		const [status, challenge] = await page.evaluate(async (url) => {
			const answer = await fetch(url, { method: 'POST', body: '{}',
				headers: { 'content-type': 'application/json' } });
			return [answer.status, answer.headers.get('www-authenticate')];
		}, endpoint());
		assert.equal(status, 401);
		assert.match(challenge, /resource_metadata="https:\/\/gateway\.example/);
	});

	test('that is not allowed may not call, nor read what it got', async () => {
		const call = async (url, bearer) => {
			const post = (headers) => fetch(url, { method: 'POST', headers,
				body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"me"}}' })
				.then((answer) => answer.status, ({ name }) => name);
			return [await post({ authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }),
				await post({ 'content-type': 'text/plain' })];
		};
		for (const host of ['localhost', 'rebound.example']) {
			const page = await open(host);
			const url = endpoint().replace('127.0.0.1', host === 'localhost' ? '127.0.0.1' : host);
			assert.deepEqual(await page.evaluate(call, url, token), ['TypeError', 'TypeError'], host);
		}
		await until(() => handler().lines.some(({ text }) => / code=origin_not_allowed /.test(text)));
		assert.equal(entra.counts.token + graph.requests.length, 0);
	});

	test('may read the resource metadata, whoever it is', async () => {
		const page = await open('rebound.example');
		const read = (url) => fetch(url).then((answer) => answer.json());
		const { resource } = await page.evaluate(read,
			`${handler().url}/.well-known/oauth-protected-resource/api/mcp`);
		assert.equal(resource, 'https://gateway.example/api/mcp');
	});
});
