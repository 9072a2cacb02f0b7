/*
 * A first deployment into an empty subscription makes everything, each thing after what it needs; a second writes
 * nothing.  Both flavours and both credentials.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { desk } from '../stage/azure_desk.mjs';

const VARIANTS = [
	{ OBO_CREDENTIAL: 'managed-identity', FLAVOR: 'flex' },
	{ OBO_CREDENTIAL: 'secret', FLAVOR: 'linux' },
];

for (const variant of VARIANTS) {
	suite(`deploying with ${variant.OBO_CREDENTIAL} on ${variant.FLAVOR}`, () => {
		test('makes everything, and changes nothing the second time', async (t) => {
			const it = await desk(t);
			const first = await it.deploy(variant);
			assert.equal(first.status, 0, first.output + first.errors);
			const second = await it.deploy(variant);
			assert.equal(second.status, 0, second.errors);
			assert.deepEqual(second.writes.map(({ method, path }) => `${method} ${path}`), []);
		});
	});
}
