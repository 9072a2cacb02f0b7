/* What an operator follows a tool's call by, from the log to Microsoft's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GUID, during, startAlone, startSandbox } from '../stage/fixture.mjs';

const TRACE = `00-${'ab'.repeat(16)}`;

test('the log names the very ids that Entra and Graph were sent for a tool', async (t) => {
	const sandbox = await during(t, startSandbox());
	const handler = await during(t, startAlone({ env: sandbox.env }));
	const params = { name: 'me', _meta: { traceparent: `${TRACE}-${'cd'.repeat(8)}-01` } };
	const answer = await handler.ask('/mcp', { method: 'POST',
		token: await sandbox.entra.mintUserToken(),
		headers: { 'content-type': 'application/json', 'x-request-id': 'not-a-guid' },
		body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }) });
	assert.equal(answer.json.result.isError, false);
	const log = await handler.logOf(answer);
	const [sent] = sandbox.graph.requests.map(({ headers }) => headers);
	const [exchange] = sandbox.entra.requests.filter(({ form }) => form);
	assert.match(log.client_request_id, GUID);
	assert.equal(sent['client-request-id'], log.client_request_id);
	assert.equal(exchange.headers['client-request-id'], log.client_request_id);
	assert.ok(log.trace.startsWith(TRACE), log.trace);
	assert.equal(sent.traceparent, log.trace);
});
