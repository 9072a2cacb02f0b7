/* B15: Graph tools: what the catalogue adds to tools/list, calls of it beside /me, and fifty tools of a hundred users. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCRATCH, load, startUpstream } from '../measuring/machine.mjs';
import { rounds } from '../measuring/rounds.mjs';
import { callTool, listTools, me, shotsFile } from '../measuring/shots.mjs';
import { CLIENT_ID, TENANT_ID, startHandler, subject } from '../measuring/subjects.mjs';
import { withServers } from './open.mjs';

const USERS = 100;
const TOOLS = 50;
const CALLERS = 200;
const PERMISSIONS = ['User.Read', 'Mail.Read', 'Presence.Read']; /* what the upstream grants to all */
const WHOLE = { GRAPH_TOOLS: '*' };

const range = (count) => Array.from({ length: count }, (_, i) => i);
const oidOf = (user) => `00000000-0000-4000-8000-${user.toString(16).padStart(12, '0')}`;

async function lists(bench) {
	await withServers(async (keep) => [await keep(startHandler()), await keep(startHandler({ env: WHOLE }))], async ([none, whole]) => {
		for (const c of [1, 32]) {
			await rounds(bench, { id: 'B15', variant: `tools/list, c=${c}`, connections: c,
				subjects: [subject(none, listTools()), subject(whole, listTools(), 'handler, the whole catalogue')] });
		}
	});
}

/* A handler each, so that each one's memory is its own. */
async function calls(bench) {
	await withServers(async (keep) => {
		const upstream = await keep(startUpstream({ folder: join(SCRATCH, 'upstream'), users: 32, clientId: CLIENT_ID, tenantId: TENANT_ID }));
		const asked = { me: (user) => me(upstream.tokens, user),
			my_presence: (user) => callTool('my_presence', { token: upstream.tokens[user], expected: '"availability":"Available"' }),
			list_mail: (user) => callTool('list_mail', { token: upstream.tokens[user], expected: `"subject":"Mail 9 of user ${user}"` }) };
		const subjects = [];
		for (const [name, shot] of Object.entries(asked))
			subjects.push([await keep(startHandler({ upstream, env: WHOLE })), shot, name]);
		return subjects;
	}, async (subjects) => {
		for (const c of [1, 32])
			await rounds(bench, { id: 'B15', variant: `calls, c=${c}`, connections: c,
				subjects: subjects.map(([server, shot, name]) => subject(server, range(c).map(shot), name)) });
	});
}

/* A folder of tools that each say who the caller is, for one permission or another. */
function manyTools() {
	const folder = join(SCRATCH, 'graph-tools');
	const tools = range(TOOLS).map((i) => ({ name: `who${i}`, title: 'Who', description: 'Who.', permissions: [PERMISSIONS[i % PERMISSIONS.length]],
		request: { path: `/me/way${i}` }, result: { pick: { id: 'id' } } }));
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'who.json'), JSON.stringify({ set: 'who', tools }));
	return folder;
}

/* Every user calls every tool, neighbours of different users and tools; each answer is its caller's or bad. */
async function crowd(bench) {
	await withServers(async (keep) => {
		const upstream = await keep(startUpstream({ folder: join(SCRATCH, 'upstream'), users: USERS, clientId: CLIENT_ID, tenantId: TENANT_ID }));
		return { upstream, handler: await keep(startHandler({ upstream, env: { ...WHOLE, GRAPH_TOOLS_DIR: manyTools() } })) };
	}, async ({ upstream, handler }) => {
		const shots = range(TOOLS).flatMap((tool) => range(USERS).map((user) => callTool(`who${(tool + user) % TOOLS}`,
			{ token: upstream.tokens[user], expected: `{"id":"${oidOf(user)}"}` })));
		const got = await load({ port: handler.port, connections: CALLERS, count: shots.length * 4, file: shotsFile(shots), seconds: 60 });
		const { exchanges, users, most_of_one } = await upstream.control('/counters');
		bench.facts.B15 = { tools: TOOLS, users, answers: got.answers, bad: got.bad, first_bad: got.first_bad, exchanges, most_of_one,
			rps: got.rps, p99_ms: got.p99_us / 1000, rss_mb: handler.usage().rss_kb / 1024 };
		bench.say(`B15: ${JSON.stringify(bench.facts.B15)}`);
	});
}

export async function B15(bench) {
	await lists(bench);
	await calls(bench);
	await crowd(bench);
}
