/*
 * A deployment that is interrupted goes on where it stopped: interrupted again and again, each time further on, it ends well
 * at last, and once more it writes nothing, so that nothing was made twice and nothing was left out.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { desk, shared } from '../stage/azure_desk.mjs';

/* Where Azure goes silent, before or after it did what it was asked for, in the order in which a deployment comes by. */
const PLACES = [
	['before', /^POST .*\/register/],
	['after', /^PUT .*\/storageAccounts\/\w+\?/],
	['after', /^PUT .*\/vaults\/[\w-]+\?/],
	['after', /^PUT .*\/sites\/[\w-]+\?/],
	['before', /^PUT .*\/roleAssignments\//],
	['after', /^PUT .*\/service\/[\w-]+\?/],
	['after', /^POST graph\.[^/]*\/v1\.0\/applications$/],
	['after', /^PATCH graph\./],
	['before', /^POST graph\.[^/]*\/v1\.0\/servicePrincipals/],
	['before', /addPassword/],
	['after', /^PUT .*\/config\/appsettings\?/],
	['after', /^PUT .*\/functionkeys\/apim\?/],
	['after', /^PUT .*\/apis\/graph-mcp\?/],
	['before', /^PUT .*\/operations\/me\/policies\//],
];

suite('an interrupted deployment', () => {
	const it = shared(desk);
	const env = { OBO_CREDENTIAL: 'secret' };

	for (const [cut, pattern] of PLACES) {
		test(`stops with what to do where Azure goes silent ${cut} ${pattern.source}`, async (t) => {
			it.azure.fail(pattern, { cut }, Infinity);
			const { status, output, errors } = await it.deploy(env);
			it.azure.faults.length = 0;
			assert.equal(status, 1, output);
			assert.match(errors, /^deploy: .*no answer from .*\ndeploy: .*it goes on where it stopped/m);
			t.diagnostic(output.split('\n').filter((line) => /^\S/.test(line)).at(-1));
		});
	}

	test('ends well when nothing is in its way, and has nothing left to do then', async () => {
		const last = await it.deploy(env);
		assert.equal(last.status, 0, last.output + last.errors);
		assert.deepEqual((await it.deploy(env)).writes, []);
		assert.deepEqual(it.azure.directory.resources('applications').map(({ displayName }) => displayName).sort(), ['graph-mcp', 'graph-mcp-clients']);
	});
});
