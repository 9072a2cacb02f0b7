/*
 * Requests that hide another: one whose end is open to dispute is refused, and nothing behind it is
 * read.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { assertError, assertGuarded, startAlone, startSandbox, use, wire } from '../stage/fixture.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { env } = sandbox;
const handler = use(() => startAlone({ env }));

const head = (...lines) => `${lines.join('\r\n')}\r\n\r\n`;
const SMUGGLED = head('GET /hello?name=smuggled HTTP/1.1', 'Host: x');
const fields = (count) => Array.from({ length: count }, (_, i) => `X-H${i}: ${i}`);

/* What is said in vain about the body that follows, and the answer to it. */
const UNSOUND = {
	'64 fields': [[...fields(61), `Content-Length: ${SMUGGLED.length}`, 'X-Last: 1'], 431],
	'64 fields, the length beyond them': [
		[...fields(63), `Content-Length: ${SMUGGLED.length}`], 431],
	'64 fields, the coding beyond them': [[...fields(63), 'Transfer-Encoding: chunked'], 431],
	'100 fields': [[`Content-Length: ${SMUGGLED.length}`, ...fields(100)], 431],
	'the same length twice': [['Content-Length: 5', 'Content-Length: 5'], 400],
	'two lengths': [['Content-Length: 0', `Content-Length: ${SMUGGLED.length}`], 400],
	'a length and a coding': [['Content-Length: 0', 'Transfer-Encoding: chunked'], 400],
	'a coding and a length': [
		['Transfer-Encoding: chunked', `Content-Length: ${SMUGGLED.length}`], 400],
	'the identity coding': [['Transfer-Encoding: identity'], 400],
	'a length with a sign': [['Content-Length: +0'], 400],
	'an unknown expectation': [['Content-Length: 0', 'Expect: the-unexpected'], 400],
	'an unknown expectation of a body': [
		[`Content-Length: ${SMUGGLED.length}`, 'Expect: 200-ok'], 400],
};

describe('a request that is refused for its framing is the last on its connection:', () => {
	for (const [what, [lines, status]] of Object.entries(UNSOUND)) {
		test(what, async (t) => {
			const line = await wire(t, handler().port);
			line.write(head('POST /echo HTTP/1.1', 'Host: x', ...lines) + SMUGGLED);
			const answer = await line.answer();
			assertGuarded(answer);
			assertError(answer, status, status === 431 ? 'headers_too_large' : 'bad_request');
			assert.equal(answer.headers.connection, 'close');
			await line.ended();
			assert.equal(await line.answer(), undefined, 'a second answer');
		});
	}
});

test('an upgrade is not taken up: answered in HTTP/1.1, told to close, closed', async (t) => {
	for (const upgrade of ['websocket', 'h2c']) {
		const line = await wire(t, handler().port);
		line.write(head('GET /hello HTTP/1.1', 'Host: x', 'Connection: upgrade',
			`Upgrade: ${upgrade}`, 'Sec-WebSocket-Version: 13',
			'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='));
		const answer = await line.answer();
		assert.deepEqual([answer.status, answer.json.message], [200, 'Hello, World!']);
		assert.equal(answer.headers.connection, 'close');
		await line.ended();
	}
	const kept = await wire(t, handler().port);
	kept.write(head('GET /hello HTTP/1.1', 'Host: x', 'Connection: keep-alive, upgrade',
		'Upgrade: websocket'));
	assert.equal((await kept.answer()).headers.connection, 'close');
	await kept.ended();
});
