/*
 * Only what a route names is reached through it: the host authorizes one path and may send another,
 * and neither it nor the handler may be led from an open route to one that wants the function key.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertError, send, startAlone, startHosted, use } from '../stage/fixture.mjs';

const KEY = 'the-function-key';
const GUARDED = ['me', 'status', 'hello', 'echo', 'tools'];
const OPEN = ['/.well-known', '/.well-known/oauth-protected-resource',
	'/.well-known/oauth-authorization-server/api', '/mcp'];
/* What may stand for "up one level" to somebody on the way. */
const UP = ['..%5C', '..\\', '%2E%2E%5c', '%252E%252E/', '%252e.%5C', '%25252E%25252E/', '..%2F', '..%252F',
	'%2E%2E%2F', '..%255C', '../', '%2e%2e/', '.%2e\\', 'x%5C..%5C..%5C', './../'];

const tricks = GUARDED.flatMap((name) => OPEN.flatMap((path) => UP.map((up) =>
	`${path}/${up.repeat(path.split('/').length - 1)}${name}`)));

for (const mode of ['forwarding', 'proxying', 'payload']) {
	describe(`under a host in ${mode} mode`, () => {
		const host = use(() => startHosted({ mode, keys: KEY }));

		test('no open route leads to a function that wants the key', async () => {
			for (const path of tricks) {
				const { status, text } = await send(host().url, { target: path });
				assert.ok([400, 401, 404, 503].includes(status), `${path}: ${status} ${text}`);
				assert.doesNotMatch(text, /version|Hello|inputSchema|missing_token/, path);
			}
		});

		test('the open routes are open, those with a key want it', async () => {
			for (const path of ['', '/mcp', '/api/mcp', '/a/b/v1.0/mcp', '/'])
				assertError(await host().ask(`/.well-known/oauth-protected-resource${path}`), 503,
					'not_configured');
			for (const name of GUARDED) {
				assert.equal((await send(`${host().url}/${name}`)).status, 401);
				const headers = { 'x-functions-key': KEY };
				const { status } = await send(`${host().url}/${name}`, { headers });
				assert.equal(status, name === 'me' ? 503 : 200);
			}
		});
	});
}

describe('alone', () => {
	const handler = use(() => startAlone());

	test('a path that somebody might read as another is refused, whatever it names', async () => {
		for (const path of [...tricks, '/./hello', '/hello/.', '/hello/..', '/..', '/%2e', '/a%', '/a%2', '/a%zz',
			'/%5c', '/hello%255c', '/hello%00', '/%2e%2e/etc/passwd'])
			assertError(await handler().ask('', { target: path }), 400, 'bad_request');
	});

	test('dots and escapes that mean nothing else are but a name', async () => {
		for (const path of ['/...', '/a..b', '/.hello', '/hello..', '/%C3%A9', '/a%20b', '/%68ello'])
			assertError(await handler().ask('', { target: path }), 404, 'not_found');
	});
});
