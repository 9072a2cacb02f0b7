/*
 * Many instances, as the Functions platform runs them: hosts with a handler each, added while calls
 * come, handlers killed in the middle of calls.  Nothing ties a user to an instance.
 *
 * SCALE_OUT=full (make scale-out): 1,000 users, up to 8 instances, the bench's upstream in C.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import http from '../../sandbox/common/http.mjs';
import { assertHealthy, repo, send, startHosted, startSandbox } from '../stage/fixture.mjs';

const FULL = process.env.SCALE_OUT === 'full';
const SHAPE = FULL ? { users: 1000, passes: 6, callers: 64, first: 4, most: 8, kills: 8 }
	: { users: 40, passes: 5, callers: 12, first: 2, most: 3, kills: 2 };
const CLIENT_ID = '11111111-2222-3333-4444-555555555555';
const TENANT_ID = '99999999-2222-3333-4444-555555555555';

/* Both give {env, people: [{token, oid}], exchanges(), stop()}. */
async function sandboxUpstream(count) {
	const sandbox = await startSandbox();
	const { entra } = sandbox;
	const people = [];
	for (let i = 0; i < count; i++) {
		const { oid } = entra.addUser(`u${i}`, { username: `u${i}@contoso.example` });
		people.push({ oid, token: await entra.mintUserToken({ user: `u${i}` }) });
	}
	return { env: sandbox.env, people, stop: sandbox.stop,
		exchanges: async () => ({ exchanges: entra.counts.exchanges }) };
}

async function benchUpstream(count) {
	const folder = mkdtempSync(join(tmpdir(), 'scale-out-'));
	const child = spawn(join(repo, 'build/bench/bin/upstream'),
		[folder, String(count), CLIENT_ID, TENANT_ID], { stdio: ['ignore', 'pipe', 'inherit'] });
	const [line] = await once(child.stdout, 'data');
	const { graph, entra, control } = JSON.parse(line);
	const tokens = readFileSync(join(folder, 'tokens'), 'utf8').trim().split('\n');
	const people = tokens.map((token, i) => ({ token,
		oid: `00000000-0000-4000-8000-${i.toString(16).padStart(12, '0')}` }));
	return { people,
		env: { CLIENT_ID, TENANT_ID, CLIENT_SECRET: 'bench', CA_BUNDLE_FILE: join(folder, 'ca.pem'),
			APIM_GATEWAY_URL: 'https://gateway.example/api', GRAPH_BASE_URL: `https://127.0.0.1:${graph}`,
			AUTHORITY_HOST: `https://127.0.0.1:${entra}` },
		exchanges: async () => (await send(`http://127.0.0.1:${control}/counters`)).json,
		async stop() {
			child.kill('SIGKILL');
			rmSync(folder, { recursive: true });
		} };
}

/* Instances behind one front that knows only who is ready: calls go round. */
class Platform {
	instances = [];
	#next = 0;

	constructor(env) {
		this.env = env;
		this.agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
	}

	async add() {
		const hosted = await startHosted({ env: this.env, mode: 'proxying' });
		this.instances.push({ hosted, calls: new Set() });
	}

	/* SIGKILL to one handler with calls under way, which are then excused if they fail; as are
	 * those that its host sends on before it answers again: the host learns of the death by them. */
	async kill() {
		const busiest = this.instances.reduce((a, b) => (b.calls.size > a.calls.size ? b : a));
		const alive = busiest.hosted.host.restarts < 2 ? busiest
			: this.instances.find(({ hosted }) => hosted.host.restarts < 2);
		const died = alive.hosted.host.kill();
		alive.dying = true;
		for (const call of alive.calls)
			call.excused = true;
		await died;
		alive.died = true;
	}

	/* Every process that ever served: each begins with an empty cache. */
	get processes() {
		return this.instances.reduce((sum, { hosted }) => sum + 1 + hosted.host.restarts, 0);
	}

	async call(path, options) {
		const instance = this.instances[this.#next++ % this.instances.length];
		const call = { excused: instance.dying === true };
		instance.calls.add(call);
		try {
			const answer = await send(instance.hosted.url + path, { ...options, agent: this.agent });
			if (instance.died && answer.status === 200)
				Object.assign(instance, { dying: false, died: false });
			return { answer, excused: call.excused };
		} finally {
			instance.calls.delete(call);
		}
	}

	async stop() {
		this.agent.destroy();
		for (const { hosted } of this.instances) {
			await hosted.stop();
			assertHealthy(hosted.lines);
		}
	}
}

const rpc = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call',
	params: { name: 'me', arguments: {} } });

/* The profile, over REST or as a tool.  Without a body a call is repeated by the host itself, so it
 * may not fail; one with a body that was under way may, and the client repeats it. */
async function profile(platform, { token }, asTool, seen) {
	const authorization = `Bearer ${token}`;
	const { answer, excused } = asTool ? await platform.call('/mcp', { method: 'POST', body: rpc,
		headers: { authorization, 'content-type': 'application/json',
			accept: 'application/json, text/event-stream' } })
		: await platform.call('/me', { headers: { authorization } });
	if (asTool && answer.status === 500 && answer.text === '' && excused) {
		seen.repeated++;
		return profile(platform, { token }, asTool, seen);
	}
	assert.equal(answer.status, 200, `${asTool ? 'tool' : 'GET'}: ${answer.text}`);
	return asTool ? answer.json.result.structuredContent : answer.json;
}

/* What happens when, as shares of all calls: instances come, handlers die. */
function plan({ first, most, kills }) {
	const adds = Array.from({ length: most - first }, (_, i) => [(i + 1) / (most - first + 2), 'add']);
	const deaths = Array.from({ length: kills }, (_, i) => [(i + 0.7) / (kills + 0.5), 'kill']);
	return [...adds, ...deaths].sort(([a], [b]) => a - b);
}

test('instances come and die under load: no call is lost, no user sees another, exchanges stay bounded',
	{ timeout: FULL ? 300_000 : 120_000 }, async (t) => {
		const { users, passes, callers } = SHAPE;
		const upstream = await (FULL ? benchUpstream : sandboxUpstream)(users);
		t.after(() => upstream.stop());
		const platform = new Platform(upstream.env);
		t.after(() => platform.stop());
		await Promise.all(Array.from({ length: SHAPE.first }, () => platform.add()));

		const total = users * passes;
		const events = plan(SHAPE);
		const under_way = [];
		const seen = { repeated: 0 };
		let asked = 0;
		async function caller() {
			while (asked < total) {
				const turn = asked++;
				while (events.length > 0 && turn / total >= events[0][0])
					under_way.push(platform[events.shift()[1]]());
				const person = upstream.people[turn * 7 % users];
				const { id } = await profile(platform, person, turn % 4 === 3, seen);
				assert.equal(id, person.oid, 'another user\'s profile');
			}
		}
		await Promise.all(Array.from({ length: callers }, caller));
		await Promise.all(under_way);

		const { exchanges } = await upstream.exchanges();
		const { processes } = platform;
		t.diagnostic(`${total} calls, ${platform.instances.length} instances, ${processes} processes,`
			+ ` ${exchanges} exchanges, ${seen.repeated} repeated by the client`);
		assert.equal(events.length, 0, 'everything planned has happened');
		assert.equal(platform.instances.length, SHAPE.most);
		assert.equal(processes, SHAPE.most + SHAPE.kills, 'every handler killed was started again');
		assert.ok(exchanges >= users && exchanges <= users * processes, `${exchanges} exchanges`);
	});
