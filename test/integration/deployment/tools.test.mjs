/*
 * GRAPH_TOOLS of a deployment: the package's own handler says what they need, and the function app is told of them.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { desk, shared, zipOf } from '../stage/azure_desk.mjs';

/* Stands in for the handler: prints what it was given and two permissions. */
const SPEAKS = `#!/bin/sh
[ "$*" = --permissions ] && [ "\${HOME-none}" = none ] && [ -e host.json ] || exit 3
case $GRAPH_TOOLS in
nobody) echo 'time=2026-11-27T23:04:39Z level=warn event=graph_tool tool=nobody detail="This is no tool."' >&2; exit 1 ;;
esac
printf 'list_mail\\tMail.Read\\n'
[ "$CONFIRM_WRITES$WRITE_RECIPIENT_DOMAINS" = 'trueExample.com, b.example' ] && printf '\\nMail.Read Mail.ReadBasic\\n' && exit 0
[ "$GRAPH_TOOLS_WRITE" = true ] && printf 'send_mail\\tMail.Send\\n\\nMail.Read Mail.Send\\n' || printf '\\nMail.Read\\n'
`;

function pack(it, files) {
	writeFileSync(it.file('functions.zip'), zipOf({ 'host.json': '{"version": "2.0"}', 'hello/function.json': '{"bindings": []}', 'bin/handler': SPEAKS, ...files }));
}

const settingsOf = ({ azure }) => azure.siteNamed(azure.resources.below('/subscriptions').find(({ type }) => type === 'Microsoft.Web/sites').name).settings;
const scopesOf = ({ azure }) => azure.directory.resources('grants').find(({ scope }) => scope.includes('User.Read')).scope;

suite('GRAPH_TOOLS', () => {
	const it = shared(async (t) => {
		const made = await desk(t);
		pack(made, { 'graph-tools/mail.json': '{}' });
		return made;
	});

	test('are put on the function app, and exactly what they need is consented to', async () => {
		const first = await it.deploy({ GRAPH_TOOLS: 'mail, send_mail', GRAPH_TOOLS_WRITE: 'true' });
		assert.equal(first.status, 0, first.output + first.errors);
		assert.match(first.output, /^ {2}send_mail needs Mail\.Send$/m);
		assert.deepEqual([settingsOf(it).GRAPH_TOOLS, settingsOf(it).GRAPH_TOOLS_WRITE], ['mail,send_mail', 'true']);
		assert.equal(scopesOf(it), 'User.Read Mail.Read Mail.Send');
		const again = await it.deploy({ GRAPH_TOOLS: 'mail, send_mail', GRAPH_TOOLS_WRITE: 'true' });
		assert.deepEqual([again.status, again.writes], [0, []], again.errors);
	});

	test('left out are off, and what they needed is taken back', async () => {
		const { status, errors } = await it.deploy({ GRAPH_TOOLS: '*' });
		assert.equal(status, 0, errors);
		assert.deepEqual([settingsOf(it).GRAPH_TOOLS, settingsOf(it).GRAPH_TOOLS_WRITE, scopesOf(it)], ['*', undefined, 'User.Read Mail.Read']);
		assert.equal((await it.deploy()).status, 0);
		assert.deepEqual([settingsOf(it).GRAPH_TOOLS, scopesOf(it)], [undefined, 'User.Read']);
		assert.deepEqual(Object.entries(settingsOf(it)).filter(([, value]) => value === ''), []);
	});

	test('are asked for with what their guard is set to', async () => {
		const { status, errors } = await it.deploy({ GRAPH_TOOLS: 'mail', CONFIRM_WRITES: 'true', WRITE_RECIPIENT_DOMAINS: 'Example.com, b.example' });
		assert.equal(status, 0, errors);
		assert.deepEqual([settingsOf(it).CONFIRM_WRITES, settingsOf(it).WRITE_RECIPIENT_DOMAINS, scopesOf(it)],
			['true', 'example.com,b.example', 'User.Read Mail.Read Mail.ReadBasic']);
		assert.equal((await it.deploy({ GRAPH_TOOLS: 'mail' })).status, 0);
		assert.deepEqual(Object.keys(settingsOf(it)).filter((name) => /^(GRAPH_|CONFIRM|WRITE_)/.test(name)).sort(), ['GRAPH_BASE_URL', 'GRAPH_SCOPE', 'GRAPH_TOOLS']);
		assert.deepEqual((await it.deploy({ GRAPH_TOOLS: 'mail' })).writes, []);
	});

	test('that are no names stop it before any call; those that the handler does not know, with its words, before anything is made', async () => {
		const wrong = await it.deploy({ GRAPH_TOOLS: 'Mail.Read' });
		assert.match(wrong.errors, /^deploy: GRAPH_TOOLS is not names of Graph tools and sets/m);
		const unknown = await it.deploy({ GRAPH_TOOLS: 'nobody' });
		assert.match(unknown.errors, /^deploy: tool=nobody detail="This is no tool\."\ndeploy: Correct GRAPH_TOOLS/m);
		const told = await it.deploy({ GRAPH_TOOLS: 'nobody' }, '--what-if');
		assert.match(told.output, /^Would stop it: tool=nobody/m);
		assert.deepEqual([wrong, unknown, told].flatMap(({ writes }) => writes), []);
		assert.deepEqual([wrong.status, unknown.status, told.status], [1, 1, 0]);
	});

	test('of a package without them, or with a handler that does not run here, say what to do', async () => {
		pack(it, {});
		assert.match((await it.deploy({ GRAPH_TOOLS: '*' })).errors, /functions\.zip holds no handler with Graph tools\.\ndeploy: Run make dist/);
		pack(it, { 'graph-tools/mail.json': '{}', 'bin/handler': '\x7fELF of another machine' });
		assert.match((await it.deploy({ GRAPH_TOOLS: '*' })).errors, /^deploy: [\x20-\x7e]+\ndeploy: Correct GRAPH_TOOLS.* runs on Linux on x86-64 alone/);
		pack(it, { 'graph-tools/mail.json': '{}', 'bin/handler': '#!/bin/sh\necho usage' });
		assert.match((await it.deploy({ GRAPH_TOOLS: '*' })).errors, /printed what is no list of permissions/);
		assert.equal((await it.deploy()).status, 0, 'nobody asks it where no tool is on');
	});
});
