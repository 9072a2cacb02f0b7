/*
 * --what-if reads for real and writes nothing: it lists what would be made and changed, and what would stop it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desk } from '../stage/azure_desk.mjs';

/* The verbs and labels, without the details behind them. */
const changes = (output, would = '') => output.split('\n').map((line) => new RegExp(`^  ${would}(create|change|register|upload|store|restore|delete) (.*)$`).exec(line)?.slice(1).join(' '))
	.filter(Boolean).map((line) => line.replace(/ \(.*\)$/, '').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID'));

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
	const [, name] = /create (graph-mcp-\w{6})|create Key Vault (graph-mcp-\w{6})/.exec(output).filter(Boolean).slice(-2);
	it.azure.taken.push(name, name.replaceAll('-', ''));
	const taken = await it.deploy({}, '--what-if');
	assert.match(taken.output, /Would stop it: the name of storage account \w+ is taken/);
	assert.match(taken.output, /Would stop it: the name of Key Vault \S+ is taken/);
	assert.deepEqual(taken.writes, []);
});

test('it tells of names that deleted things hold: they would be brought back', async (t) => {
	const it = await desk(t);
	assert.equal((await it.deploy()).status, 0);
	assert.equal((await it.run('undeploy.mjs', { YES: '1' })).status, 0);
	const { output, writes } = await it.deploy({}, '--what-if');
	assert.match(output, /would restore Key Vault/);
	assert.match(output, /would restore API Management/);
	assert.deepEqual(writes, []);
});
