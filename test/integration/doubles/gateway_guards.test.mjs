/*
 * The gateway emulator: cors, rate limits and the cache, on a clock that only these tests move.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { during, use } from '../stage/fixture.mjs';
import { respond, show, startBoth } from '../stage/gateway_fixture.mjs';

const APP = 'https://app.example';

const cors = ({ terminate = false, origin = APP, methods = 'GET', credentials = false } = {}) => `
	<cors allow-credentials="${credentials}" terminate-unmatched-request="${terminate}">
		<allowed-origins><origin>${origin}</origin></allowed-origins>
		<allowed-methods preflight-result-max-age="600"><method>${methods}</method></allowed-methods>
		<allowed-headers><header>authorization</header><header>x-one</header></allowed-headers>
		<expose-headers><header>retry-after</header></expose-headers>
	</cors>`;

const limit = (rest, key = 'context.Operation.Id') => `<rate-limit-by-key calls="2" renewal-period="60"
	counter-key='@(${key})' ${rest} />`;

const lookup = (rest = '') => `<cache-lookup-value key="k" variable-name="v" caching-type="internal" ${rest} />`;

/* Whether v is there, and what it is. */
const state = show('context.Variables.ContainsKey("v") ? "[" + (string)context.Variables["v"] + "]" : "unset"');

const stored = (key, value, duration) => `<base /><cache-store-value key='${key}' value='${value}'
	duration='${duration}' caching-type="internal" />${respond(200, 'stored')}`;

const query = (name) => `@(context.Request.Url.Query.GetValueOrDefault("${name}", "1"))`;

const operations = {
	plain: { inbound: `<base />${respond(200, 'ran')}` },
	own: { method: 'POST', inbound: `${cors({ methods: 'POST', origin: 'https://own.example' })}<base />${respond(200, 'ran')}` },
	strict: { inbound: `${cors({ terminate: true })}${respond(200, 'ran')}` },
	open: { inbound: `${cors({ origin: '*' })}${respond(200, 'ran')}` },
	trusting: { inbound: `${cors({ credentials: true })}${respond(200, 'ran')}` },
	failing: { inbound: '<base /><set-variable name="x" value=\'@(context.Variables["absent"])\' />' },
	limited: { inbound: `${limit('remaining-calls-header-name="x-left" total-calls-header-name="x-total" '
		+ 'remaining-calls-variable-name="left"')}${show('"left " + context.Variables["left"]')}`,
		onError: '' },
	mapped: { inbound: `${limit('retry-after-variable-name="wait" retry-after-header-name="x-wait"')}${respond(200)}`,
		onError: respond(429, '@(context.LastError.Source + "|" + context.LastError.Reason + "|" '
			+ '+ context.Variables["wait"] + "|" + context.Response.Headers.GetValueOrDefault("x-wait", "none"))') },
	shared: { inbound: `${limit('', '"one"')}${limit('', '"one"')}${respond(200)}`, onError: '' },
	late: { inbound: `${limit('increment-condition="@(context.Response.StatusCode == 201)"')}
		<choose><when condition='@(context.Request.Url.Query.ContainsKey("made"))'>${respond(201)}</when></choose>
		${respond(200)}`, onError: '' },
	store: { method: 'POST', inbound: stored(query('k'), query('v'), query('s')) },
	lookup: { inbound: `<base />${lookup()}${state}` },
	'lookup-over': { inbound: `<base /><set-variable name="v" value="before" />${lookup()}${state}` },
	fallback: { inbound: `<base />${lookup('default-value="none"')}${state}` },
	find: { inbound: `<base /><cache-lookup-value key='${query('k')}' variable-name="v" caching-type="internal" />${state}` },
	remove: { method: 'POST', inbound: `<base /><cache-remove-value key="k" caching-type="internal" />${respond(200)}` },
};

const options = { operations, api: { inbound: `${cors()}<base />` },
	apis: [{ id: 'second', path: 'second', policy: 'policies/second.xml',
		operations: [{ id: 'options', method: 'OPTIONS', urlTemplate: '/x' }] }],
	files: { 'policies/second.xml': `<policies><inbound>${cors()}${respond(204)}</inbound><backend><base /></backend>
		<outbound /><on-error /></policies>` },
	args: ['--clock', 'manual', '--cache-entries', '3'] };

const gateway = use(() => startBoth(options));

const preflight = (path, { origin = APP, method = 'GET', headers } = {}) => gateway().ask(path, { method: 'OPTIONS',
	headers: { Origin: origin, 'Access-Control-Request-Method': method,
		...(headers ? { 'Access-Control-Request-Headers': headers } : {}) } });

const from = (path, origin, method = 'GET') => gateway().ask(path, { method, headers: { Origin: origin } });
const allowed = ({ headers }) => headers['access-control-allow-origin'];

describe('cors', () => {
	test('a preflight is answered by cors and runs nothing else', async () => {
		const answer = await preflight('/plain', { headers: 'Authorization, x-one' });
		assert.deepEqual([answer.status, answer.text, allowed(answer)], [200, '', APP]);
		assert.equal(answer.headers['access-control-allow-methods'], 'GET');
		assert.equal(answer.headers['access-control-allow-headers'], 'authorization,x-one');
		assert.equal(answer.headers['access-control-max-age'], '600');
	});
	test('a preflight of another origin, method or header gets an empty 200', async () => {
		for (const wrong of [{ origin: 'https://evil.example' }, { method: 'PUT' }, { headers: 'x-two' }]) {
			const answer = await preflight('/plain', wrong);
			assert.deepEqual([answer.status, answer.text, allowed(answer)], [200, '', undefined]);
		}
	});
	test('a preflight the inner cors does not match goes on to the outer one', async () => {
		assert.equal(allowed(await preflight('/own', { origin: 'https://own.example', method: 'POST' })),
			'https://own.example');
		assert.equal(allowed(await preflight('/own', { method: 'POST' })), undefined);
	});
	test('an OPTIONS operation in the API switches preflights off', async () => {
		assert.equal((await preflight('/second/x')).status, 204);
		assert.equal((await preflight('/second/y')).status, 404);
	});
	test('a matched request gets the headers, whatever answers it', async () => {
		const answer = await from('/plain', APP);
		assert.deepEqual([answer.text, allowed(answer)], ['ran', APP]);
		assert.equal(answer.headers['access-control-expose-headers'], 'retry-after');
		const failed = await from('/failing', APP);
		assert.deepEqual([failed.status, allowed(failed)], [500, APP]);
	});
	test('an unmatched request runs without the headers, or ends empty', async () => {
		const loose = await from('/plain', 'https://evil.example');
		assert.deepEqual([loose.text, allowed(loose)], ['ran', undefined]);
		const strict = await from('/strict', 'https://evil.example');
		assert.deepEqual([strict.status, strict.text, allowed(strict)], [200, '', undefined]);
		assert.equal((await from('/strict', APP)).text, 'ran');
	});
	test('a request without Origin is none of cors\' business', async () => {
		const answer = await gateway().ask('/strict');
		assert.deepEqual([answer.text, allowed(answer)], ['ran', undefined]);
	});
	test('any origin is answered with *, unless credentials are let through', async () => {
		assert.equal(allowed(await from('/open', 'https://any.example')), '*');
		const answer = await from('/trusting', APP);
		assert.equal(answer.headers['access-control-allow-credentials'], 'true');
		assert.equal(allowed(answer), APP);
	});
});

describe('rate-limit-by-key', () => {
	test('calls above the limit are 429 with Retry-After until the window has slid on', async () => {
		const first = await gateway().ask('/limited');
		assert.deepEqual([first.status, first.text, first.headers['x-left'], first.headers['x-total']],
			[200, 'left 1', '1', '2']);
		await gateway().advance(20);
		assert.equal((await gateway().ask('/limited')).text, 'left 0');
		const over = await gateway().ask('/limited');
		assert.deepEqual([over.status, over.headers['retry-after'], over.headers['x-left']], [429, '40', '0']);
		assert.deepEqual(over.json, { statusCode: 429,
			message: 'Rate limit is exceeded. Try again in 40 seconds.' });
		await gateway().advance(41);
		assert.equal((await gateway().ask('/limited')).status, 200);
		assert.equal((await gateway().ask('/limited')).status, 429, 'the call in the middle still counts');
	});
	test('on-error learns the wait from the variable and the header', async () => {
		await gateway().ask('/mapped');
		await gateway().ask('/mapped');
		const over = await gateway().ask('/mapped');
		assert.equal(over.text, 'rate-limit-by-key|RateLimitExceeded|60|60');
		assert.equal(over.headers['x-wait'], undefined, 'return-response starts empty');
	});
	test('one key is one counter, whichever policies count on it', async () => {
		assert.equal((await gateway().ask('/shared')).status, 200);
		assert.equal((await gateway().ask('/shared')).status, 429);
	});
	test('with an increment condition the 429 comes after the calls that count', async () => {
		for (const path of ['/late', '/late', '/late', '/late?made=1', '/late?made=1'])
			assert.ok((await gateway().ask(path)).status < 300, path);
		assert.equal((await gateway().ask('/late')).status, 429);
	});
});

describe('cache', () => {
	const store = (search) => gateway().ask(`/store?${search}`, { method: 'POST' });

	test('a value is found until its time is over, and a miss leaves no variable', async () => {
		await gateway().forget('cache');
		assert.equal((await gateway().ask('/lookup')).text, 'unset');
		await store('k=k&v=x&s=100');
		assert.equal((await gateway().ask('/lookup')).text, '[x]');
		await gateway().advance(99);
		assert.equal((await gateway().ask('/lookup')).text, '[x]');
		await gateway().advance(2);
		assert.equal((await gateway().ask('/lookup')).text, 'unset');
	});
	test('a miss takes away what the variable was before', async () => {
		await gateway().forget('cache');
		assert.equal((await gateway().ask('/lookup-over')).text, 'unset');
	});
	test('a miss gives the default value where there is one', async () => {
		await gateway().forget('cache');
		assert.equal((await gateway().ask('/fallback')).text, '[none]');
	});
	test('a value can be replaced and removed', async () => {
		await store('k=k&v=x&s=100');
		await store('k=k&v=y&s=100');
		assert.equal((await gateway().ask('/lookup')).text, '[y]');
		await gateway().ask('/remove', { method: 'POST' });
		assert.equal((await gateway().ask('/lookup')).text, 'unset');
	});
	test('a full cache drops its oldest entry', async () => {
		await gateway().forget('cache');
		for (const key of ['a', 'b', 'c', 'd'])
			await store(`k=${key}&v=${key}&s=100`);
		assert.equal((await gateway().ask('/find?k=a')).text, 'unset');
		assert.equal((await gateway().ask('/find?k=b')).text, '[b]');
		assert.equal((await gateway().seen()).cache.length, 3);
	});
	test('a duration of no seconds is a failure', async () => {
		assert.equal((await store('k=k&v=x&s=0')).status, 500);
	});
	test('the control interface shows no key and no value', async () => {
		await store('k=the-key&v=the-value&s=100');
		const seen = JSON.stringify(await gateway().seen());
		assert.doesNotMatch(seen, /the-key|the-value/);
	});
	test('in the strict mode a miss sets the variable to null', async (t) => {
		const strict = await during(t, startBoth({ operations: { lookup: operations.lookup },
			args: ['--cache-miss', 'null'] }));
		assert.equal((await strict.ask('/lookup')).text, '[]');
	});
});
