/*
 * --what-if reads for real and writes nothing: it lists what would be made and changed, and what would stop it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesOf } from '../../../apim/deploy/start.mjs';
import { desk } from '../stage/azure_desk.mjs';

/* What is made or changed, without the details behind it.  What a new registration is given at once is part of it, and a new
 * instance's own global policy is there to be changed only once it is. */
const changes = (output, would = '') => output.split('\n').map((line) => new RegExp(`^  ${would}(create|change|register|upload|store|restore|delete|tag) (.*)$`).exec(line)?.[2])
	.filter((label) => label && !/^registration .*\(/.test(label)).map((label) => label.replace(/ \(.*\)$/, ''));

test('of an empty subscription it lists what a first deployment makes, and writes nothing', async (t) => {
	const it = await desk(t);
	const told = await it.deploy({}, '--what-if');
	assert.equal(told.status, 0, told.errors);
	assert.deepEqual(told.writes, []);
	assert.match(told.output, /\nNothing is seen that would stop it\.\n$/);
	const first = await it.deploy();
	assert.equal(first.status, 0, first.output + first.errors);
	const made = changes(first.output);
	assert.deepEqual(changes(told.output, 'would '), made);
	assert.ok(made.length > 40, String(made.length));
});

test('of what is deployed it lists nothing; of a changed setting, that', async (t) => {
	const it = await desk(t);
	assert.equal((await it.deploy()).status, 0);
	const nothing = await it.deploy({}, '--what-if');
	assert.match(nothing.output, /\n0 changes to be made/);
	const changed = await it.deploy({ INSTANCE_MEMORY_MB: '4096' }, '--what-if');
	assert.match(changed.output, /would change function app \S+ \(properties\.functionAppConfig\.scaleAndConcurrency\.instanceMemoryMB\)/);
	assert.match(changed.output, /\n1 changes to be made/);
	assert.deepEqual([...nothing.writes, ...changed.writes], []);
});

test('it names each right that is missing and each name that somebody else has', async (t) => {
	const it = await desk(t, { mayAssignRoles: false });
	const { output } = await it.deploy({}, '--what-if');
	assert.match(output, /\nWould stop it: you may not Microsoft\.Authorization\/roleAssignments\/write in .* Ask for Owner/);
	const { storage, vault, site, gateway } = namesOf({ NAME: 'graph-mcp', RG: 'rg-test' }, it.azure.subscriptionId);
	it.azure.taken.push(storage, vault, site, gateway);
	const taken = await it.deploy({}, '--what-if');
	for (const [kind, name] of [['storage account', storage], ['Key Vault', vault], ['function app', site], ['API Management', gateway]])
		assert.match(taken.output, new RegExp(`Would stop it: the name of ${kind} ${name} is taken: .* Choose another NAME than graph-mcp`));
	assert.deepEqual(taken.writes, []);
});

test('it tells of names that deleted things hold: they would be brought back', async (t) => {
	const it = await desk(t);
	assert.equal((await it.deploy()).status, 0);
	assert.equal((await it.run('undeploy.mjs', { YES: '1' })).status, 0);
	const { output, writes } = await it.deploy({}, '--what-if');
	assert.match(output, /would restore Key Vault/);
	assert.match(output, /would restore API Management \S+\n  what it still holds is seen only once it is back/);
	assert.deepEqual(writes, []);
});
