/* Proves that a write to the sandbox Graph can fail before, during and after it was done, and that it knows which. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertRefusedByGraph, graphClient } from '../stage/graph_client.mjs';
import { freshSandbox } from '../stage/sandbox.mjs';

const sandbox = await freshSandbox();
const { graph } = sandbox;
const ask = graphClient(sandbox, { scopes: ['Mail.Send', 'Mail.Read'] });
const recipients = [{ emailAddress: { address: 'a@b.example' } }];
const send = (content = 'x') => ask('/me/sendMail', { method: 'POST',
	body: { message: { subject: 's', toRecipients: recipients, body: { contentType: 'text', content } } } });
const fail = (fault) => graph.fail({ path: '/me/sendMail', times: 1, ...fault });
const done = () => [graph.sent.length, graph.writes.length];

test('a connection that ends before or while the bytes arrive leaves nothing done, one after it does', async () => {
	for (const [fault, count] of [[{ kind: 'close' }, 0], [{ kind: 'close_reading' }, 0], [{ kind: 'close', taken: true }, 1]]) {
		graph.resetCounts();
		fail(fault);
		await assert.rejects(send('x'.repeat(500_000)));
		assert.deepEqual(done(), [count, count], JSON.stringify(fault));
	}
});

test('an answer that says no leaves nothing done, unless it is said to come after', async () => {
	for (const [kind, status] of [['throttle', 429], ['http_503', 503], ['http_500', 500], ['html_502', 502], ['http_504', 504]]) {
		for (const taken of [false, true]) {
			graph.resetCounts();
			fail({ kind, taken });
			assert.equal((await send()).status, status);
			assert.deepEqual(done(), taken ? [1, 1] : [0, 0], `${kind} ${taken}`);
		}
	}
});

test('a 503 says when to come back, or does not', async () => {
	fail({ kind: 'http_503', retryAfter: 7 });
	fail({ kind: 'http_503' });
	assert.deepEqual([(await send()).headers.get('retry-after'), (await send()).headers.get('retry-after')], ['7', null]);
});

test('an answer that breaks off comes after the write, which is done once', async () => {
	fail({ kind: 'stall', taken: true });
	const controller = new AbortController();
	const token = await sandbox.entra.mintGraphToken({ scopes: ['Mail.Send'] });
	const broken = fetch(`${graph.url}/v1.0/me/sendMail`, { method: 'POST', signal: controller.signal, headers: { authorization: `Bearer ${token}`,
		'content-type': 'application/json' }, body: JSON.stringify({ message: { toRecipients: recipients } }) }).then((answer) => answer.text());
	while (graph.writes.length === 0)
		await new Promise(setImmediate);
	controller.abort();
	await broken.catch(() => {});
	assert.deepEqual(done(), [1, 1]);
});

test('a failure can be that of one method alone', async () => {
	graph.fail({ kind: 'throttle', path: '/me', method: 'POST', times: 1 });
	assert.equal((await ask('/me/messages?$top=1')).status, 200);
	assertRefusedByGraph(await send(), 429, 'TooManyRequests');
});
