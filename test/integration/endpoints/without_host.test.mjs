/*
 * What only a handler without a host shows: routes under /api/, methods and Allow, CORS, and the
 * framing of bodies on a bare connection.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { assertError, assertGuarded, during, repo, startAlone, startSandbox, use, wire }
	from '../stage/fixture.mjs';

const ORIGIN = 'https://app.example';
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

const sandbox = await startSandbox();
after(() => sandbox.stop());
const token = await sandbox.entra.mintUserToken();
const handler = use(() => startAlone({ env: { ...sandbox.env,
	ALLOWED_ORIGINS: `${ORIGIN}, http://localhost:3000` } }));
const ask = (...args) => handler().ask(...args);

/* /mcp lets more methods through than it takes; it, the door and the documents have tests of their own. */
const functions = readdirSync(repo).filter((name) =>
	existsSync(join(repo, name, 'function.json')) && !['mcp', 'metadata', 'oauth'].includes(name));

/* What a function lets in beside for what is below its path: a Graph tool is called by POST. */
const BELOW = { tools: ['POST'] };

function methodsOf(name) {
	const { bindings } = JSON.parse(readFileSync(join(repo, name, 'function.json')));
	return bindings.find(({ type }) => type === 'httpTrigger').methods
		.map((method) => method.toUpperCase()).filter((method) => !BELOW[name]?.includes(method));
}

/* A request on a bare connection: {answer, line}. */
async function talk(t, head, body = '') {
	const line = await wire(t, handler().port);
	line.write(`${head.join('\r\n')}\r\nHost: localhost\r\n\r\n`);
	line.write(body);
	return { line, answer: await line.answer() };
}

test('every route answers under /api/, in any case and with a final slash', async () => {
	for (const path of ['/api/hello', '/API/Hello', '/hello/', '/api/hello/', '/HELLO'])
		assert.equal((await ask(path)).json.message, 'Hello, World!', path);
	assert.equal((await ask('/api/echo', { method: 'POST', body: 'x' })).text, 'x');
	assert.equal((await ask('/api/tools')).text, (await ask('/tools')).text);
	assert.equal((await ask('/api/me', { token })).json.givenName, 'Adele');
	assert.equal((await ask('/api/status')).status, 200);
});

test('GET / answers the readiness probe, small and without a log line', async () => {
	await handler().logOf(await ask('/hello'));
	const before = handler().lines.length;
	const answer = await ask('/');
	assert.deepEqual([answer.status, answer.json], [200, { status: 'ok' }]);
	await handler().logOf(await ask('/tools'));
	assert.equal(handler().lines.length, before + 1);
});

test('/ takes GET and HEAD; other methods get 405 with Allow', async () => {
	for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
		const answer = await ask('/', { method });
		assertError(answer, 405, 'method_not_allowed');
		assert.deepEqual(answer.headers.allow.split(', ').sort(), ['GET', 'HEAD'], method);
	}
	const probe = await ask('/', { method: 'HEAD' });
	assert.deepEqual([probe.status, probe.bytes.length], [200, 0]);
});

test('any other path is a 404 in JSON', async () => {
	for (const path of ['/nowhere', '/api', '/api/', '/api/api/hello', '/hello/x', '//hello',
		'/hello;x', '/mex', '/favicon.ico'])
		assertError(await ask(path), 404, 'not_found');
});

test('function.json and handler agree on methods; others get 405 with Allow', async () => {
	assert.ok(functions.length >= 5);
	for (const name of functions) {
		const taken = methodsOf(name);
		for (const method of METHODS) {
			const answer = await ask(`/${name}`, { method, token });
			if (taken.includes(method)) {
				assert.ok(answer.status < 300, `${method} /${name}: ${answer.status}`);
				continue;
			}
			assertError(answer, 405, 'method_not_allowed');
			const allow = answer.headers.allow.split(', ').sort();
			assert.deepEqual(allow, taken.toSorted(), `${method} /${name}`);
		}
	}
	const options = await ask('/echo', { method: 'OPTIONS' });
	assert.equal(options.status, 204);
	assert.deepEqual(options.headers.allow.split(', ').sort(), methodsOf('echo').sort());
	assert.equal(options.bytes.length, 0);
});

test('a method no server knows is refused in JSON', async (t) => {
	for (const method of ['BREW', 'PROPFIND', 'get']) {
		const line = await wire(t, handler().port);
		line.write(`${method} /hello HTTP/1.1\r\nHost: x\r\n\r\n`);
		const answer = await line.answer();
		assert.ok([400, 405].includes(answer.status), `${method}: ${answer.status}`);
		assertError(answer, answer.status, answer.json.error.code);
	}
});

test('an allowed origin may read answers and errors, any other may not', async () => {
	for (const origin of [ORIGIN, 'http://localhost:3000']) {
		for (const path of ['/hello', '/me', '/nowhere']) {
			const { headers } = await ask(path, { headers: { origin } });
			assert.equal(headers['access-control-allow-origin'], origin);
			assert.match(headers['access-control-expose-headers'], /WWW-Authenticate/);
			assert.match(headers.vary, /Origin/);
			assert.equal(headers['access-control-allow-credentials'], undefined);
		}
	}
	for (const origin of ['https://evil.example', 'null', 'https://app.example.evil.example',
		'http://app.example', 'https://app.example:444', '*', '', `${ORIGIN},x`]) {
		const { headers } = await ask('/hello', { headers: { origin } });
		assert.equal(headers['access-control-allow-origin'], undefined, origin);
	}
});

test('a preflight needs no token and names what an allowed origin may send', async () => {
	const preflight = (origin) => ask('/me', { method: 'OPTIONS', headers: { origin,
		'access-control-request-method': 'GET',
		'access-control-request-headers': 'authorization' } });
	const { status, headers } = await preflight(ORIGIN);
	assert.equal(status, 204);
	assert.equal(headers['access-control-allow-origin'], ORIGIN);
	assert.match(headers['access-control-allow-methods'], /\bGET\b/);
	assert.match(headers['access-control-allow-headers'], /authorization/i);
	const other = await preflight('https://evil.example');
	assert.equal(other.headers['access-control-allow-origin'], undefined);
});

test('a chunked body arrives whole, chunk extensions and trailers aside', async (t) => {
	const { answer } = await talk(t, ['POST /echo HTTP/1.1', 'Transfer-Encoding: chunked',
		'Content-Type: text/plain'], '3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n');
	assert.equal(answer.text, 'abc0123456789');
	const { answer: nothing } = await talk(t, ['POST /echo HTTP/1.1',
		'Transfer-Encoding: chunked'], '0\r\n\r\n');
	assert.equal(nothing.status, 200);
	assert.equal(nothing.text, '');
	const { answer: tooLarge } = await talk(t, ['POST /echo HTTP/1.1',
		'Transfer-Encoding: chunked'], `100001\r\n${'x'.repeat(0x100001)}\r\n0\r\n\r\n`);
	assertError(tooLarge, 413, 'body_too_large');
});

test('a chunked body may come byte by byte', async (t) => {
	const line = await wire(t, handler().port);
	const bytes = 'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
		+ '2\r\nab\r\n1\r\nc\r\n0\r\n\r\n';
	line.socket.setNoDelay(true);
	for (const byte of bytes) {
		line.write(byte);
		await new Promise(setImmediate);
	}
	const answer = await line.answer();
	assert.equal(answer.text, 'abc');
	assertGuarded(answer);
});

test('Expect: 100-continue is answered with 100 before the body is sent', async (t) => {
	for (const framing of ['Content-Length: 5', 'Transfer-Encoding: chunked']) {
		const { line, answer } = await talk(t, ['POST /echo HTTP/1.1', framing,
			'Expect: 100-continue']);
		assert.equal(answer.status, 100);
		line.write(framing.startsWith('C') ? 'hello' : '5\r\nhello\r\n0\r\n\r\n');
		const final = await line.answer();
		assert.equal(final.status, 200);
		assert.equal(final.text, 'hello');
	}
	const { answer } = await talk(t, ['POST /echo HTTP/1.1', 'Content-Length: 5',
		'Expect: the-unexpected']);
	assertError(answer, 400, 'bad_request');
});

test('with fewer threads than connections every caller is still answered', async (t) => {
	const small = await during(t, startAlone({ env: { ...sandbox.env, SERVER_THREADS: '8' } }));
	const calls = Array.from({ length: 60 }, (_, i) => small.ask(`/hello?name=${i}`));
	const answers = await Promise.all(calls);
	assert.ok(answers.every(({ json }, i) => json.message === `Hello, ${i}!`));
});

test('echo answers under a type of 20 KB', async (t) => {
	const type = `text/plain; charset=${'x'.repeat(20 * 1024)}`;
	const line = await wire(t, handler().port);
	for (const body of ['x', 'x'.repeat(1000)]) {
		line.write(['POST /echo HTTP/1.1', 'Host: x', `Content-Type: ${type}`,
			`Content-Length: ${body.length}`, '', body].join('\r\n'));
		const answer = await line.answer();
		assertGuarded(answer);
		assert.deepEqual([answer.status, answer.text], [200, body]);
		assert.ok(answer.headers['content-type'] === type);
	}
	assert.equal((await ask('/hello')).status, 200);
});
