/*
 * What --what-if lists is what the run after it does, no less and no more: of an empty subscription, of a change, of nothing.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { desk, shared } from '../stage/azure_desk.mjs';

/* The lines of what is made or changed. */
const changes = (output, would = '') => output.split('\n').map((line) => new RegExp(`^  ${would}((?:create|change|register|upload|store|restore|delete|tag) .*)$`).exec(line)?.[1]).filter(Boolean);
/* What a new registration is given at once is part of it, what of a thing differs is known only once it is there, and some are there
 * with what they are part of. */
const ofNew = (lines) => lines.filter((line) => !/registration .*\(/.test(line)).map((line) => line.replace(/ \(.*\)$/, '').replace(/^(create|change) (access restrictions|app settings|global policy)/, 'set $2'));

/* Each a first deployment and the changes that follow it, one after another. */
const DEPLOYMENTS = [
	['open on flex', {}, { ALWAYS_READY: '2', DIAGNOSTICS_SAMPLING: '20' }, { OBO_CREDENTIAL: 'secret' }, { REQUIRED_SCOPE: 'access_as_user', ALLOWED_ORIGINS: 'https://a.example' }],
	['by the gateway\'s addresses', { APIM_SKU: 'Developer' }, { NETWORK: 'open' }],
	['by a private endpoint', { APIM_SKU: 'StandardV2', NETWORK: 'private' }],
	['on a plan that a private endpoint may follow on', { APIM_SKU: 'StandardV2' }, { NETWORK: 'private' }],
	['on the Consumption plan, with a secret, without sign-in of our own or consent', { FLAVOR: 'linux', OBO_CREDENTIAL: 'secret', MCP_SIGN_IN: 'no', ADMIN_CONSENT: 'no', MCP_IDENTIFIER: 'no' },
		{ MCP_SIGN_IN: 'yes' }],
];

async function both(it, env) {
	const told = await it.deploy(env, '--what-if');
	assert.deepEqual([told.status, told.writes], [0, []], told.errors);
	const done = await it.deploy(env);
	assert.equal(done.status, 0, done.output + done.errors);
	return [changes(told.output, 'would '), changes(done.output), done];
}

for (const [name, first, ...changed] of DEPLOYMENTS) suite(name, () => {
	const it = shared(desk);

	test('a first deployment is told as it is done', async () => {
		const [told, done] = await both(it, first);
		assert.deepEqual(ofNew(told), ofNew(done));
		assert.ok(done.length > 30);
	});

	for (const [i, change] of changed.entries()) test(`a change is told as it is done, and is none the second time: ${JSON.stringify(change)}`, async () => {
		const env = Object.assign({}, first, ...changed.slice(0, i + 1));
		const [told, done] = await both(it, env);
		assert.deepEqual(ofNew(told), ofNew(done));
		assert.ok(done.length > 0);
		const [nothing, neither, { writes }] = await both(it, env);
		assert.deepEqual([nothing, neither, writes], [[], [], []]);
	});
});
