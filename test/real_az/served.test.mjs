/*
 * The deployment with the real Azure CLI, into an empty subscription and once more; what it made serves a client that knows the
 * gateway's address alone.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployment } from '../integration/stage/azure/deployment.mjs';
import { hasRealAz } from '../sandbox/azure/az/az.mjs';

const options = { skip: hasRealAz() ? false : 'the real az is not installed (make azure-cli)' };

for (const OBO_CREDENTIAL of ['managed-identity', 'secret']) {
	test(`${OBO_CREDENTIAL}: a first deployment is served, a second one writes nothing`, options, async (t) => {
		const { live, deploy } = await deployment(t, { OBO_CREDENTIAL }, { az: 'real' });
		assert.equal((await live.me()).displayName, 'Adele Vance');
		const { status, output, errors, writes } = await deploy();
		assert.equal(status, 0, output + errors);
		assert.deepEqual(writes, []);
	});
}
