/*
 * The official Inspector's command line, in each era over HTTP and stdio, with its own check of the
 * tools' schemas, and a load.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { assertAllTools } from '../../endpoint_table.mjs';
import { freePort } from '../../sandbox/host/client.mjs';
import { binary, startAlone, startSandbox, use } from '../stage/fixture.mjs';
import { inspect, inspectAsStarted } from '../stage/inspector.mjs';

const ERAS = ['legacy', 'modern'];
const [AUTH, UNREACHABLE, TOOL_ERROR] = [3, 4, 5]; /* its exit codes */

const sandbox = await startSandbox();
after(() => sandbox.stop());
afterEach(() => sandbox.reset());
const { entra, graph, env } = sandbox;
const token = await entra.mintUserToken();
const handler = use(() => startAlone({ env, keeps: sandbox }));

const overHttp = () => [`${handler().url}/mcp`, '--transport', 'http',
	'--header', `Authorization: Bearer ${token}`];
const overStdio = () => [binary, '--stdio',
	...Object.entries({ ...env, ACCESS_TOKEN: token }).flatMap(([name, value]) =>
		['-e', `${name}=${value}`])];
const TARGETS = { http: overHttp, stdio: overStdio };

describe('the command line', () => {
	for (const [where, target] of Object.entries(TARGETS)) {
		for (const era of ERAS) {
			const call = (...args) => [...target(), '--protocol-era', era, ...args];

			test(`${where}, ${era}: finds no fault in the tools' schemas`, async () => {
				const { code, out, err } = await inspectAsStarted(...call('--method', 'tools/list', '--strict'));
				assert.equal(code, 0, err);
				assertAllTools(out.result.tools);
				assert.doesNotMatch(err, /^(Error|Warning): |[1-9]\d* (error|warning)/m);
			});

			test(`${where}, ${era}: calls me for the token's user`, async () => {
				const { code, out, err } = await inspect(...call('--method', 'tools/call', '--tool-name', 'me',
					'--tool-args-json', '{"select":["displayName"],"include":["photo"]}'));
				assert.equal(code, 0, err);
				const { structuredContent, content } = out.result;
				assert.equal(structuredContent.displayName, 'Adele Vance');
				assert.equal(content[1].data, entra.users.adele.photo);
			});
		}
	}

	test('tells a failed call, an unknown tool, a missing token and a closed port', async () => {
		const call = (name, args) => inspect(...overHttp(), '--method', 'tools/call',
			'--tool-name', name, '--tool-args-json', JSON.stringify(args));
		const failed = await call('echo', {});
		assert.equal(failed.code, TOOL_ERROR);
		assert.match(failed.out.result.content[0].text, /Missing required property text/);
		assert.equal((await call('nobody', {})).code, TOOL_ERROR);
		const list = ['--transport', 'http', '--method', 'tools/list'];
		assert.equal((await inspect(`${handler().url}/mcp`, ...list)).code, AUTH);
		const closed = await freePort();
		assert.equal((await inspect(`http://127.0.0.1:${closed}/mcp`, ...list)).code, UNREACHABLE);
	});
});

test('a load of calls all succeed, with one exchange among them', async (t) => {
	const { code, out, err } = await inspect(...overHttp(), '--protocol-era', 'modern',
		'--method', 'tools/call', '--tool-name', 'me', '--load', '--load-requests', '400',
		'--load-concurrency', '16');
	assert.equal(code, 0, err);
	const { requests, ok, toolErrors, errors, throughput, latencyMs } = out.result;
	assert.deepEqual([requests, ok, toolErrors, errors], [400, 400, 0, 0]);
	assert.ok(entra.counts.token <= 1);
	assert.equal(graph.counts.me, 400);
	t.diagnostic(`Inspector's load of me: ${throughput} calls/s, p50 ${latencyMs.p50} ms, `
		+ `p99 ${latencyMs.p99} ms`);
});
