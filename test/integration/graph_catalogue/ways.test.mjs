/*
 * A tool of the catalogue by every way that a call can come: to the handler alone, below the Functions host in each of its
 * modes, and through the gateway with the rendered policies before that; as REST and as an MCP tool.
 */
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { send, startAlone, startHosted, startSandbox, use } from '../stage/fixture.mjs';
import { modernMessage } from '../stage/mcp.mjs';
import { startPolicies } from '../stage/policies_stage.mjs';

const env = { GRAPH_TOOLS: 'mail' };
const MODES = ['forwarding', 'proxying', 'payload'];

async function inSandbox(start) {
	const sandbox = await startSandbox();
	const handler = await start({ ...sandbox.env, ...env });
	return { entra: sandbox.entra, graph: sandbox.graph, url: handler.url, fresh: sandbox.reset, async stop() {
		await handler.stop();
		await sandbox.stop();
	} };
}

const WAYS = { alone: () => inSandbox((all) => startAlone({ env: all })),
	...Object.fromEntries(MODES.map((mode) => [mode, () => inSandbox((all) => startHosted({ env: all, mode }))])),
	...Object.fromEntries(MODES.map((mode) => [`the gateway, ${mode}`, () => startPolicies({ real: mode, env })])) };

/* Of the handler alone, with which all others agree. */
const expected = {};

for (const [way, start] of Object.entries(WAYS)) {
	describe(way, () => {
		const place = use(start);
		afterEach(() => place().fresh());
		const post = (path, token, body, headers) => send(place().url + path, { method: 'POST', body: JSON.stringify(body),
			headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers } });
		const signedIn = (consented) => {
			place().entra.consentGraph(consented);
			return place().entra.mintUserToken();
		};

		test('brings the mails that are asked for, page by page', async () => {
			const token = await signedIn(['Mail.Read']);
			const pages = [await post('/tools/list_mail', token, { limit: 2 })];
			while (pages.length < 4)
				pages.push(await post('/tools/list_mail', token, { cursor: pages.at(-1).json.cursor }));
			const mails = pages.map(({ status, text, json }) => {
				assert.equal(status, 200, text);
				return json.mails;
			});
			assert.equal(new Set(mails.flat().map(({ id }) => id)).size, 8);
			assert.deepEqual(mails, expected.mails ??= mails);
		});

		test('brings an argument of any script to Graph, as REST and as an MCP tool', async () => {
			const token = await signedIn(['Mail.Read']);
			const args = { search: 'Überarbeiteter "Café" 雪 & =?+%' };
			const rest = await post('/tools/list_mail', token, args);
			const { message, headers } = modernMessage('tools/call', { name: 'list_mail', arguments: args });
			const mcp = await post('/mcp', token, message, headers);
			assert.deepEqual([rest.status, mcp.status], [200, 200], rest.text);
			assert.deepEqual(mcp.json.result.structuredContent, rest.json);
			const [first, second] = place().graph.requests.map(({ url }) => new URL(url, place().graph.url).searchParams.get('$search'));
			assert.ok(/Überarbeiteter .*Café.* 雪 & =\?\+%/.test(first), first);
			assert.equal(second, first);
			assert.equal(first, expected.search ??= first);
		});

		test('brings what is refused: a bad argument, a tool that is off, consent that is missing', async () => {
			const token = await signedIn([]);
			for (const [name, args, status, code] of [['list_mail', { limit: 0 }, 400, 'bad_request'], ['my_presence', {}, 404, 'not_found'],
				['get_mail', { id: 'x' }, 403, 'consent_required']]) {
				const answer = await post(`/tools/${name}`, token, args);
				assert.deepEqual([answer.status, answer.json.error.code], [status, code], answer.text);
				if (code === 'consent_required')
					assert.match(new URL(answer.json.error.consentUrl).searchParams.get('scope'), /\/Mail\.Read$/);
			}
			assert.equal((await send(`${place().url}/tools/list_mail`, { method: 'POST', body: '{}' })).status, 401);
		});
	});
}
