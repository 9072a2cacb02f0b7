/*
 * A body that comes behind its head, when the head has been looked at already: the request is the same
 * as one that comes in one piece.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { assertError, startAlone, startSandbox, use, wire } from '../stage/fixture.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const handler = use(() => startAlone({ env: sandbox.env }));
const head = (...lines) => `${lines.join('\r\n')}\r\n\r\n`;

/* The answer to a request whose body is sent when it has been asked for. */
async function askLate(line, target, body, method = 'POST') {
	line.write(head(`${method} ${target} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', 'Expect: 100-continue',
		`Content-Length: ${body.length}`));
	assert.equal((await line.answer()).status, 100);
	line.write(body);
	return line.answer();
}

describe('a body behind its head', () => {
	for (const method of ['GET', 'POST'])
		test(`${method}: the query is read`, async (t) => {
			const line = await wire(t, handler().port);
			for (const name of ['One', 'Another'])
				assert.equal((await askLate(line, `/hello?name=${name}`, '{}', method)).json.message, `Hello, ${name}!`);
		});

	for (const at of ['http://elsewhere.example', 'http://elsewhere.example:9'])
		test(`${at}: answered, and the last on its connection`, async (t) => {
			const line = await wire(t, handler().port);
			const answer = await askLate(line, `${at}/hello?name=Far`, '{}');
			assert.deepEqual([answer.status, answer.json.message, answer.headers.connection], [200, 'Hello, Far!', 'close']);
			await line.ended();
			assert.equal(await line.answer(), undefined, 'a second answer');
		});

	for (const [path, status, code] of [['/nowhere', 404, 'not_found'], ['/mcp', 401, 'missing_token']])
		test(`${path} elsewhere: refused once`, async (t) => {
			const line = await wire(t, handler().port);
			line.write(head(`POST http://elsewhere.example:9${path} HTTP/1.1`, 'Host: x', 'Content-Length: 5'));
			const answer = await line.answer();
			assert.equal(answer.status, status);
			if (code === 'not_found')
				assertError(answer, status, code);
			line.write('hello');
			await line.ended();
			assert.equal(await line.answer(), undefined, 'a second answer');
		});

	test('is asked for in HTTP/1.1 only', async (t) => {
		const line = await wire(t, handler().port);
		line.write(head('POST /echo HTTP/1.0', 'Host: x', 'Expect: 100-continue', 'Content-Length: 5'));
		assert.equal((await handler().ask('/')).status, 200); /* by then the head has been looked at */
		line.write('hello');
		const answer = await line.answer();
		assert.deepEqual([answer.status, answer.text], [200, 'hello']);
	});
});

/* Its fields lie where the query of the one before did. */
test('a request has no query but its own', async (t) => {
	const line = await wire(t, handler().port);
	const first = `GET http://127.0.0.1:${handler().port}/hello?`;
	line.write(head(`${first}name=Before HTTP/1.1`, 'Host: x'));
	assert.equal((await line.answer()).json.message, 'Hello, Before!');
	const second = 'GET http://x/hello HTTP/1.1';
	line.write(head(second, `${'Y'.repeat(first.length - second.length - 4)}: name=Stale`, 'Host: x'));
	assert.equal((await line.answer()).json.message, 'Hello, World!');
});
