/*
 * The gateway emulator at its start: what it does not model, or cannot be served, it refuses with
 * exit status 2 before a request could come.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROGRAM } from '../../sandbox/gateway/gateway.mjs';
import { runGateway, startGateway, writeFolder } from '../stage/gateway_fixture.mjs';

/* Runs it over such a folder and wants it to end at once; returns what it said. */
async function refused(folder, args = []) {
	const root = writeFolder(folder);
	const { code, out, err } = await runGateway(['--apim', root, ...args]);
	rmSync(root, { recursive: true });
	assert.deepEqual([code, out], [2, '']);
	return err;
}

const operation = (inbound) => ({ operations: { one: { inbound } } });

test('an element it does not model stops it, with file and line', async () => {
	assert.match(await refused(operation('<base />\n<quota calls="1" renewal-period="1" />')),
		/^policies\/operations\/one\.xml:4: <quota>: exists in API Management, but/);
});
test('so does an attribute, and a value of one', async () => {
	assert.match(await refused(operation('<set-body template="liquid">x</set-body>')),
		/one\.xml:3: <set-body>: has no attribute "template"/);
	assert.match(await refused(operation('<cache-remove-value key="k" caching-type="external" />')),
		/one\.xml:3: <cache-remove-value>: "caching-type" is "external" and must be one of/);
});
test('so does a member of context, and code that is not allowed', async () => {
	assert.match(await refused(operation('<set-variable name="v" value="@(context.User.Id)" />')),
		/one\.xml:3: <set-variable>: the expression does not compile: .*`User'/);
	assert.match(await refused(operation('<set-variable name="v" value="@(System.IO.Path.GetTempPath())" />')),
		/one\.xml:3: <set-variable>: the expression uses System\.IO\.Path/);
});
test('so does a named value without a value, even a secret one', async () => {
	const values = [{ name: 'S', keyVault: 'https://kv.example/secrets/s' }];
	assert.match(await refused({ ...operation('<base />'), values }),
		/^named-values\.json:1: S: has no value here: give one with --secret S=env:VARIABLE/);
});
test('so does a value that breaks the XML it is put into', async () => {
	const values = [{ name: 'S', value: 'a&b' }];
	assert.match(await refused({ ...operation('<set-variable name="v" value="{{S}}" />'), values }),
		/one\.xml:3: xml: is not well-formed/);
});
test('a house rule does not stop it', async () => {
	const gateway = await startGateway(operation('<return-response />'));
	const answer = await gateway.ask('/one');
	await gateway.stop();
	assert.equal(answer.status, 200);
});
test('what was compiled is found where it was kept, and checked again', async (t) => {
	const kept = mkdtempSync(join(tmpdir(), 'gateway-kept-'));
	t.after(() => rmSync(kept, { recursive: true }));
	const start = () => refused(operation('<set-variable name="v" value="@(System.IO.Path.GetTempPath())" />'), ['--kept', kept]);
	const said = await start();
	assert.match(said, /the expression uses System\.IO\.Path/);
	assert.equal(await start(), said);
	const [library, ...more] = readdirSync(kept);
	assert.deepEqual(more, []);
	writeFileSync(join(kept, library), 'no library');
	await assert.rejects(start(), 'it was read');
});
test('it listens on this machine only, and takes secrets from the environment only', async () => {
	assert.match(await refused({}, ['--listen', '0.0.0.0']), /loopback address/);
	assert.match(await refused({}, ['--secret', 'S=in-clear']), /--secret wants NAME=env:VARIABLE/);
	assert.match(await refused({}, ['--secret', 'S=env:NOT_SET_ANYWHERE']), /the environment has no NOT_SET/);
});
test('an unknown option is refused with the list of those there are', async () => {
	assert.match(await refused({}, ['--prot', '1']), /unknown option --prot\n[\s\S]*--port N/);
});
test('check answers a line for each document, with the way to the element that is wrong', () => {
	const ask = (inbound, more) => JSON.stringify({ file: 'policies/a.xml', text: `<policies><inbound><base />${inbound}</inbound></policies>`, values: {}, fragments: {}, ...more });
	const choose = (code) => `<choose><when condition="@(${code})"><set-method>GET</set-method></when></choose>`;
	const asked = [ask(choose('true')), ask(choose('1')), ask('<include-fragment fragment-id="f" />'), ask('<include-fragment fragment-id="f" />', { fragments: { f: '<fragment />' } }),
		ask('<set-method>{{M}}</set-method>', { values: { M: 'GET' } }), ask('<set-method>{{M}}</set-method>'), ask('<a>')];
	const { stdout } = spawnSync('mono', [PROGRAM, 'check'], { input: asked.join('\n'), encoding: 'utf8' });
	const answers = stdout.trim().split('\n').map((line) => JSON.parse(line).map(({ path, text }) => [path?.join('/'), /does not compile|no fragments|no such named value|not well-formed/.exec(text)?.[0]]));
	assert.deepEqual(answers, [[], [['0/1/0', 'does not compile']], [['0/1', 'no fragments']], [], [], [[undefined, 'no such named value']], [[undefined, 'not well-formed']]]);
});
