/*
 * The files of GRAPH_TOOLS_DIR and the settings beside them: what is on, what is wrong, what an operator has to allow.
 */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { binary, during, runHandler, startAlone, startSandbox } from '../stage/fixture.mjs';
import { TOOLS, WRITING, folderOf, tool, toolSettings } from '../stage/graph_tools/definitions.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const settings = toolSettings();
const started = (t, more) => during(t, startAlone({ env: { ...sandbox.env, ...settings, ...more } }));
const stateOf = async (handler) => (await handler.ask('/status')).json;
const called = async (handler, name) =>
	(await handler.ask(`/tools/${name}`, { method: 'POST', token: await sandbox.entra.mintUserToken() })).status;

describe('what is wrong in a file', () => {
	const folder = folderOf({
		'good.json': { set: 'good', tools: [tool('who'), tool('who'), tool('me'), tool('oauth'), tool('Bad'),
			tool('no_slash', { request: { path: 'me' } }),
			tool('bad_pattern', { arguments: { a: { type: 'string', pattern: '(' } }, request: { path: '/me', query: { $search: '{a}' } } })] },
		'broken.json': '{"set":"broken","tools":[',
		'stray.txt': 'no definition' });

	test('is told at start and by status with file, tool and place; that tool is off, all others work', async (t) => {
		const handler = await started(t, { GRAPH_TOOLS: 'good,nobody', GRAPH_TOOLS_DIR: folder });
		const { configuration, graphTools } = await stateOf(handler);
		assert.equal(configuration.complete, true);
		assert.deepEqual(graphTools.enabled, ['who']);
		assert.deepEqual(graphTools.problems.map(({ file, tool: name, place }) => [file, name, place]), [
			['broken.json', '', ''],
			['good.json', 'who', 'name'], ['good.json', '', 'tools[4].name'], ['good.json', 'no_slash', 'request.path'],
			['good.json', 'me', 'name'], ['good.json', 'oauth', 'name'], ['good.json', 'bad_pattern', 'arguments'],
			['', 'nobody', 'GRAPH_TOOLS']]);
		const told = handler.lines.filter(({ text }) => text.includes('event=graph_tool '));
		assert.equal(told.length, graphTools.problems.length);
		assert.ok(told.every(({ stream, text }) => stream === 'stderr' && /detail="[^"]{8,}"/.test(text)));
		assert.match(told[3].text, /file=good\.json tool=no_slash place=request\.path /);
		assert.equal(await called(handler, 'who'), 200);
		assert.equal(await called(handler, 'no_slash'), 404);
	});

	test('is a folder that is not there', async (t) => {
		const handler = await started(t, { GRAPH_TOOLS_DIR: '/nowhere/at/all' });
		const { configuration, graphTools } = await stateOf(handler);
		assert.equal(configuration.complete, true);
		assert.equal(graphTools.problems[0].problem, 'The folder of Graph tools cannot be read.');
		assert.equal((await handler.ask('/me', { token: await sandbox.entra.mintUserToken() })).status, 200);
	});

	test('is nobody\'s matter where no tool is asked for', async (t) => {
		const handler = await started(t, { GRAPH_TOOLS: '', GRAPH_TOOLS_DIR: folder });
		assert.deepEqual((await stateOf(handler)).graphTools, { enabled: [], problems: [] });
		assert.ok(!handler.lines.some(({ text }) => text.includes('graph_tool')));
	});
});

describe('the switches', () => {
	const names = (tools) => tools.map(({ name }) => name).toSorted();
	for (const [list, write, enabled] of [
		['*', 'false', names(TOOLS)], ['*', 'true', names(TOOLS)], ['own, boss', 'false', names(TOOLS)],
		['who,send_mail', 'true', ['send_mail', 'who']], ['who,send_mail', 'false', ['who']], ['writing', 'false', []]])
		test(`GRAPH_TOOLS=${list} with GRAPH_TOOLS_WRITE=${write} has ${enabled.join(', ') || 'none'} on`, async (t) => {
			const handler = await started(t, { GRAPH_TOOLS: list, GRAPH_TOOLS_WRITE: write });
			assert.deepEqual((await stateOf(handler)).graphTools.enabled, enabled);
			const listed = (await handler.ask('/tools')).json.tools.map(({ name }) => name);
			assert.deepEqual(listed.filter((name) => names([...TOOLS, ...WRITING]).includes(name)), enabled);
		});

	test('find graph-tools beside host.json, above the program, where no folder is named', async (t) => {
		const root = folderOf({ 'host.json': '{}' });
		mkdirSync(join(root, 'graph-tools'));
		writeFileSync(join(root, 'graph-tools/own.json'), JSON.stringify({ set: 'own', tools: TOOLS }));
		for (const folder of ['bin', 'build/release']) {
			mkdirSync(join(root, folder), { recursive: true });
			copyFileSync(binary, join(root, folder, 'handler'));
			const handler = await during(t, startAlone({ command: join(root, folder, 'handler'),
				env: { ...sandbox.env, GRAPH_TOOLS: 'own' } }));
			assert.deepEqual((await stateOf(handler)).graphTools, { enabled: names(TOOLS), problems: [] });
		}
		symlinkSync(join(root, 'bin/handler'), join(root, 'elsewhere'));
		const { out } = await runHandler({ command: join(root, 'elsewhere'), args: ['--permissions'], env: { GRAPH_TOOLS: 'who' } });
		assert.match(out, /^who\t/);
	});
});

describe('--permissions', () => {
	test('lists them tool by tool, as one line, and as commands', async () => {
		const { code, out, err } = await runHandler({ args: ['--permissions'], env: { ...settings, CLIENT_ID: sandbox.entra.clientId } });
		assert.deepEqual([code, err], [0, '']);
		const [tools, all, commands] = out.split('\n\n').map((block) => block.split('\n'));
		assert.deepEqual(tools, ['boss\tUser.Read', 'list_mail\tUser.Read', 'send_chat\tChatMessage.Send User.Read', 'send_mail\tUser.Read', 'who\tUser.Read']);
		assert.deepEqual(all, ['ChatMessage.Send User.Read']);
		assert.equal(commands.length, 3);
		for (const [i, name] of ['ChatMessage.Send', 'User.Read'].entries())
			assert.ok(commands[i].startsWith(`az ad app permission add --id ${sandbox.entra.clientId} `) && commands[i].includes(`value=='${name}'`));
		assert.equal(commands[2], `az ad app permission admin-consent --id ${sandbox.entra.clientId}`);
	});

	test('of no tool are none, whatever else is set', async () => {
		assert.deepEqual(await runHandler({ args: ['--permissions'], env: {} }), { code: 0, signal: null, out: '\n\n', err: '' });
	});

	test('fail where a switch is not understood, which is told as at start', async () => {
		for (const [name, wrong] of [['GRAPH_TOOLS_WRITE', 'yes please'], ['GRAPH_TOOLS', 'x'.repeat(70_000)]]) {
			const { code, err } = await runHandler({ args: ['--permissions'], env: { ...settings, [name]: wrong } });
			assert.equal(code, 1, name);
			assert.match(err, new RegExp(`event=setting name=${name} detail=`));
		}
		const { code, err } = await runHandler({ args: ['--permissions'], env: { ...settings, GRAPH_TOOLS_WRIT: 'true' } });
		assert.deepEqual([code, /setting=GRAPH_TOOLS_WRITE /.test(err)], [0, true]);
	});

	test('fail where a tool that is named is not there, with the others told', async () => {
		const { code, out, err } = await runHandler({ args: ['--permissions'], env: { ...settings, GRAPH_TOOLS: 'who,whom' } });
		assert.equal(code, 1);
		assert.match(out, /^who\tUser\.Read\n\nUser\.Read\n/);
		assert.match(err, /tool=whom place=GRAPH_TOOLS/);
	});
});
