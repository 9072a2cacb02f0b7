/*
 * A real browser without a window: Chromium, driven over its DevTools protocol.  Conditions in the
 * page are waited for, with a deadline; nothing sleeps.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { readLines } from '../../sandbox/host/console.mjs';
import { repo, until } from './fixture.mjs';

function isProgram(path) {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/* The browser's path; undefined where there is none.  The first is without what only a window needs, more than a
 * quarter of what these tests cost. */
export const chromium = ['chromium-headless-shell', 'chromium', 'google-chrome']
	.flatMap((name) => process.env.PATH.split(delimiter).map((folder) => join(folder, name)))
	.find(isProgram);

/* Commands over one DevTools connection: send(method, params, sessionId). */
async function connect(url) {
	const socket = new WebSocket(url);
	const waiting = new Map();
	let last = 0;
	socket.addEventListener('message', ({ data }) => {
		const { id, result, error } = JSON.parse(data);
		const { resolve, reject } = waiting.get(id) ?? {};
		waiting.delete(id);
		if (error)
			reject?.(new Error(`${error.message} (DevTools)`));
		else
			resolve?.(result);
	});
	const gone = once(socket, 'close').then(() => { throw new Error('the browser has gone'); });
	gone.catch(() => {}); /* where nothing waits */
	await once(socket, 'open');
	return { close: () => socket.close(),
		send(method, params = {}, sessionId = undefined) {
			const { promise, resolve, reject } = Promise.withResolvers();
			waiting.set(++last, { resolve, reject });
			socket.send(JSON.stringify({ id: last, method, params, sessionId }));
			return Promise.race([promise, gone]);
		} };
}

/* What a page gives; undefined while it is on its way to another, where DevTools finds none. */
const unlessMoving = (given) => given.catch((error) => {
	if (!error.message.endsWith('(DevTools)'))
		throw error;
});

function pageOf(send) {
	const page = {
		/* What a function gives for JSON arguments inside the page; promises are awaited. */
		async evaluate(code, ...args) {
			const { result, exceptionDetails } = await send('Runtime.evaluate', {
				expression: `(${code})(...${JSON.stringify(args)})`, awaitPromise: true,
				returnByValue: true });
			assert.ok(!exceptionDetails, exceptionDetails?.exception?.description);
			return result.value;
		},
		/* Another page in its place, which knows of this one what a browser keeps. */
		load: (url) => send('Page.navigate', { url }),
		text: () => page.evaluate(() => document.body?.innerText ?? ''),
		/* Until the page shows a text; fails with what it shows instead. */
		async shows(wanted) {
			let shown = '';
			const seen = async () => (shown = await unlessMoving(page.text()) ?? '').includes(wanted);
			await until(seen, { pauseMs: 50 }).catch(() =>
				assert.fail(`the page never showed "${wanted}" but: ${shown}`));
		},
		/* Clicks the first element of a selector whose text or label has the words, once there; fails with
		 * what the page shows instead. */
		async click(selector, words) {
			const clicked = (css, label) => {
				const found = [...document.querySelectorAll(css)].find((element) =>
					`${element.innerText} ${element.ariaLabel ?? ''}`.includes(label));
				found?.click();
				return found !== undefined;
			};
			await until(() => unlessMoving(page.evaluate(clicked, selector, words)), { pauseMs: 50 }).catch(async () =>
				assert.fail(`never there to be clicked: ${selector} "${words}", but: ${await unlessMoving(page.text())}`));
		},
		async screenshot(file) {
			const { data } = await send('Page.captureScreenshot', { format: 'png' });
			const path = join(repo, 'build/artifacts', file);
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(path, Buffer.from(data, 'base64'));
			return path;
		} };
	return page;
}

/* Starts it: {open(url), stop}.  Each page is alone: no cookies or storage of another's.  Hosts
 * called *.example are this machine, as an attacker's name would be by DNS rebinding. */
export async function startBrowser() {
	const profile = mkdtempSync(join(tmpdir(), 'browser-'));
	const child = spawn(chromium, ['--headless=new', '--no-sandbox', '--disable-gpu',
		'--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking',
		'--disable-component-update', '--host-resolver-rules=MAP *.example 127.0.0.1',
		'--remote-debugging-port=0', '--window-size=1400,1000', `--user-data-dir=${profile}`],
	{ stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env.PATH, HOME: profile } });
	const lines = [];
	readLines(child.stderr, (text) => lines.push(text));
	const address = () => lines.join('\n').match(/^DevTools listening on (ws:\S+)$/m)?.[1];
	await until(() => address() || child.exitCode !== null);
	assert.ok(address(), lines.join('\n'));
	const closed = once(child, 'close');
	const { send, close } = await connect(address());
	return {
		async open(url) {
			const { browserContextId } = await send('Target.createBrowserContext');
			const { targetId } = await send('Target.createTarget', { url, browserContextId });
			const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
			return pageOf((method, params) => send(method, params, sessionId));
		},
		async stop() {
			send('Browser.close').catch(() => {}); /* which it may answer, or just do */
			await closed;
			close();
			rmSync(profile, { recursive: true, maxRetries: 20, retryDelay: 50 });
		} };
}
