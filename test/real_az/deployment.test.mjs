/*
 * A first and a second deployment with the real Azure CLI: it does what it does with the small one, and the second
 * run writes nothing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desk } from '../integration/stage/azure_desk.mjs';
import { hasRealAz } from '../sandbox/azure/az/az.mjs';

const options = { skip: hasRealAz() ? false : 'the real az is not installed (make azure-cli)' };

/* Ids that Azure made up, and the name of a package's blob, are different each time. */
const written = ({ method, host, path }) => `${method} ${host}${path.replace(/[^/]*\.zip$/, 'PACKAGE.zip').replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')}`.toLowerCase();

for (const [login, variant] of [['user', { FLAVOR: 'flex', OBO_CREDENTIAL: 'managed-identity' }], ['federated', { FLAVOR: 'linux', OBO_CREDENTIAL: 'secret', PUBLISHER_EMAIL: 'ops@contoso.example' }]]) {
	test(`${variant.FLAVOR}, ${variant.OBO_CREDENTIAL}, signed in as ${login}: made whole, and left alone the second time`, options, async (t) => {
		const [real, standIn] = await Promise.all(['real', 'stand-in'].map((az) => desk(t, { az, login })));
		const first = await real.deploy(variant);
		assert.equal(first.status, 0, first.output + first.errors);
		assert.deepEqual(first.writes.map(written), (await standIn.deploy(variant)).writes.map(written));
		const second = await real.deploy(variant);
		assert.equal(second.status, 0, second.output + second.errors);
		assert.deepEqual(second.writes.map(written), []);
	});
}
