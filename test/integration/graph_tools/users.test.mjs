/*
 * Many users call many tools at once: the catalogue and as many more as make fifty.  What each is given is what the same
 * call gave that user when nobody else called.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { during, repo, startAlone, startSandbox } from '../stage/fixture.mjs';
import { catalogueCalls, permissions } from '../stage/catalogue/calls.mjs';
import { readTools } from '../stage/catalogue/definitions.mjs';
import { callTool } from '../stage/graph_tools/call.mjs';
import { tool } from '../stage/graph_tools/definitions.mjs';

const TOOLS = 50;
const USERS = 20;
const CALLERS = 40;
const MORE = Array.from({ length: TOOLS - readTools().filter(({ writes }) => !writes).length }, (_, i) => `who${i}`);

/* The catalogue's files and one more, whose tools say who the caller is, by one permission or another. */
const folder = mkdtempSync(join(tmpdir(), 'fifty-tools-'));
after(() => rmSync(folder, { recursive: true }));
cpSync(join(repo, 'graph-tools'), folder, { recursive: true });
writeFileSync(join(folder, 'more.json'), JSON.stringify({ set: 'more', tools: MORE.map((name, i) => tool(name, {
	permissions: ['User.Read', ...[permissions[i % permissions.length]].filter((one) => one !== 'User.Read')],
	result: { pick: { id: 'id', login: 'userPrincipalName' } } })) }));

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra } = sandbox;
entra.consentGraph('all');
const people = [];
for (let i = 0; i < USERS; i++) {
	const address = `user${i}@contoso.example`;
	const { oid } = entra.addUser(`u${i}`, { username: address, mail: address, givenName: `User${i}`, surname: `Number${i}`, name: `User Number ${i}`, manager: 'adele' });
	people.push({ oid, address, token: await entra.mintUserToken({ user: `u${i}` }), calls: [] });
}
const env = { ...sandbox.env, GRAPH_TOOLS: '*', GRAPH_TOOLS_DIR: folder, CALLS_PER_CALLER_MAX: '64' };

async function call(handler, { token }, name, args) {
	const { status, text } = await callTool(handler, name, args, { token });
	assert.equal(status, 200, `${name}: ${text}`);
	return text;
}

/* Each call of one person after the other, with what it gave. */
async function alone(handler, person) {
	const { answers, calls } = catalogueCalls();
	for (const [name, from = () => ({})] of [...calls, ...MORE.map((more) => [more])]) {
		const args = from();
		const text = await call(handler, person, name, args);
		answers[name] = JSON.parse(text);
		person.calls.push({ person, name, args, text });
	}
	for (const name of MORE)
		assert.deepEqual(answers[name], { id: person.oid, login: person.address });
}

/* The calls of all, neighbours of different people and different tools, as they come to a few callers. */
async function together(handler, calls) {
	const order = calls.map((one, i) => [(i * 7919) % calls.length, one]).sort(([a], [b]) => a - b).map(([, one]) => one);
	let next = 0;
	await Promise.all(Array.from({ length: CALLERS }, async () => {
		while (next < order.length) {
			const { person, name, args, text } = order[next++];
			assert.equal(await call(handler, person, name, args), text, `${name} of ${person.address}`);
		}
	}));
}

test(`${USERS} users of ${TOOLS} tools are each given what is theirs, in as many exchanges`, async (t) => {
	const quiet = await during(t, startAlone({ env, keeps: sandbox }));
	for (const person of people)
		await alone(quiet, person);
	const calls = people.flatMap((person) => person.calls);
	const own = Map.groupBy(calls.filter(({ name }) => ['list_mail', 'list_events', 'list_folder', 'list_chats', 'who0'].includes(name)), ({ name }) => name);
	for (const [name, of] of own)
		assert.ok(new Set(of.map(({ text }) => text)).size >= USERS, `${name} differs from user to user`);

	const busy = await during(t, startAlone({ env, keeps: sandbox }));
	entra.resetCounts();
	await together(busy, calls);
	assert.equal(new Set(calls.map(({ name }) => name)).size, TOOLS);
	assert.equal(Object.keys(entra.counts.exchangesByUser).length, USERS);
	assert.ok(Math.max(...Object.values(entra.counts.exchangesByUser)) === 1, JSON.stringify(entra.counts.exchangesByUser));
	t.diagnostic(`${calls.length} calls, ${entra.counts.exchanges} exchanges`);
});
