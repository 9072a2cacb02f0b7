/*
 * A connection that ends before, in the midst of and after the bytes of a write, new or kept from an earlier call, whatever the way
 * the call came: the write arrives once at most, and what may have been done is told so.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startSandbox } from '../stage/fixture.mjs';
import { DEATHS, startMortal } from '../stage/graph_tools/mortal.mjs';
import { startWays } from '../stage/graph_tools/ways.mjs';
import { WRITES, WRITE_SETTINGS, unsureOf } from '../stage/graph_tools/writes.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { entra } = sandbox;
entra.consentGraph('all');
const mortal = await startMortal(() => ({ status: 200, body: { id: '1', title: 'Plan' } }));
after(() => mortal.stop());
const env = { ...sandbox.env, ...WRITE_SETTINGS, GRAPH_BASE_URL: mortal.url };
const ways = await startWays({ env, token: await entra.mintUserToken(), keeps: sandbox });

/* What a call comes to, and how often its request arrived, if only in part. */
async function dying(call, name, death) {
	mortal.taken.length = 0;
	mortal.die(death);
	const { failed } = await call(name, WRITES[name]);
	mortal.die(undefined);
	return { failed, times: mortal.taken.length };
}

/* Bytes of it were read. */
function assertUnsure({ failed, times }, name) {
	assert.equal(times, 1, name);
	assert.deepEqual([failed?.code, failed?.message], ['outcome_unknown', unsureOf(name)], name);
}

/* None was, and the handler may know. */
function assertHonest({ failed, times }, name) {
	const codes = { 0: ['outcome_unknown', 'upstream_unavailable'], 1: [undefined] };
	assert.ok(codes[times]?.includes(failed?.code), `${name}: ${failed?.code}, arrived ${times} times`);
}

for (const [way, call] of Object.entries(ways)) {
	describe(way, () => {
		test('every write is done where nothing dies', async () => {
			for (const name of Object.keys(WRITES)) {
				const { failed, times } = await dying(call, name, undefined);
				assert.deepEqual([failed, times], [undefined, 1], name);
			}
		});
		for (const death of DEATHS) {
			test(`a connection that dies ${death}, new or kept, brings no write twice`, async () => {
				for (const name of Object.keys(WRITES)) {
					const check = death === DEATHS[0] ? assertHonest : assertUnsure;
					check(await dying(call, name, death), name); /* a new one: the last one's died */
					assert.equal((await dying(call, name, undefined)).failed, undefined, name);
					check(await dying(call, name, death), name); /* that was kept */
				}
			});
		}
	});
}

test('the list of writes is the catalogue\'s', () => assert.deepEqual(Object.keys(WRITES).sort(), WRITE_SETTINGS.GRAPH_TOOLS.split(',').sort()));
