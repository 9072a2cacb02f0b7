/*
 * A deployment that is interrupted goes on where it stopped: run again it ends well, and once more it writes nothing,
 * so that nothing was made twice and nothing was left out.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desk } from '../stage/azure_desk.mjs';

const lines = (writes) => writes.map(({ method, path }) => `${method} ${path}`);

/* Where Azure goes silent, before or after it did what it was asked for. */
const PLACES = [
	['before', /^POST .*\/register/, {}],
	['after', /^PUT .*\/storageAccounts\/\w+\?/, {}],
	['after', /^PUT .*\/vaults\/[\w-]+\?/, {}],
	['after', /^PUT .*\/sites\/[\w-]+\?/, {}],
	['before', /^PUT .*\/roleAssignments\//, {}],
	['after', /^PUT .*\/service\/[\w-]+\?/, {}],
	['before', /^POST graph\.[^/]*\/v1\.0\/servicePrincipals/, {}],
	['after', /^PATCH graph\./, {}],
	['before', /addPassword/, { OBO_CREDENTIAL: 'secret' }],
	['after', /^PUT .*\/config\/appsettings\?/, {}],
	['after', /^PUT .*\/functionkeys\/apim\?/, {}],
	['after', /^PUT .*\/apis\/graph-mcp\?/, {}],
	['before', /^PUT .*\/operations\/me\/policies\//, {}],
];

for (const [cut, pattern, options] of PLACES) {
	test(`cut off ${cut} ${pattern.source} it goes on`, async (t) => {
		const it = await desk(t);
		it.azure.fail(pattern, { cut }, Infinity);
		const stopped = await it.deploy(options);
		assert.equal(stopped.status, 1);
		assert.match(stopped.errors, /^deploy: .*no answer from .*\ndeploy: .*it goes on where it stopped/m);
		it.azure.faults.length = 0;
		const again = await it.deploy(options);
		assert.equal(again.status, 0, again.output + again.errors);
		assert.deepEqual(lines((await it.deploy(options)).writes), []);
	});
}
