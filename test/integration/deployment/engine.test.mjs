/*
 * How the deployment asks Azure: what it repeats, what it waits for, what it writes, and what it says.  Azure is a list of
 * answers here; what it does with an Azure that has rules is in the files beside this one.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Arm } from '../../../apim/deploy/arm.mjs';
import { Directory } from '../../../apim/deploy/directory.mjs';
import { Http } from '../../../apim/deploy/http.mjs';
import { Run } from '../../../apim/deploy/run.mjs';
import { hasSecret } from '../../../apim/deploy/vault.mjs';
import { HANGS_MS } from '../../sandbox/common/until.mjs';

const TOKEN = 'header.eyJvaWQiOiJtZSJ9.SECRET-token';
const X = { label: 'thing x', path: '/subscriptions/s/x', version: '2024-01-01', body: { location: 'westeurope', tags: { a: '1' }, properties: { size: 3 } } };
const THERE = { ...X.body, location: 'West Europe', properties: { size: 3, more: true, provisioningState: 'Succeeded' } };
const json = (status, body, headers = {}) => ({ status, body, headers });
const broken = { broken: true };
const refusal = (status, code, message = 'words') => json(status, { error: { code, message } });

/* Azure that gives these answers, one after the other, to the engine: {arm, http, run, asked ["METHOD path"], bodies, said}. */
function azureOf(answers, { whatIf = false, TRIES = 3, WAIT_S = 0, lifeMs = 3_600_000 } = {}) {
	const [asked, bodies, said, tokens] = [[], [], [], []];
	const run = new Run({ options: { TRIES, WAIT_S }, whatIf, print: (text) => said.push(text) });
	async function send(url, { method, body, headers, redirect }) {
		asked.push(`${method} ${new URL(url).pathname}`);
		assert.equal(redirect, 'manual', 'the token goes where it was meant to');
		bodies.push(body && JSON.parse(body));
		assert.equal(headers.authorization, `Bearer ${TOKEN}`);
		const answer = answers.shift() ?? assert.fail(`a question too many: ${method} ${url}`);
		if (answer.broken) throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } });
		return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), { status: answer.status, headers: answer.headers });
	}
	const http = new Http(run, { send, token: async (audience) => (tokens.push(audience), { value: TOKEN, endsMs: Date.now() + lifeMs }) });
	return { http, run, asked, bodies, said, tokens, left: answers, arm: new Arm({ run, http, cloud: { arm: 'https://arm.example', armAudience: 'https://arm.example/' } }) };
}

suite('a resource', () => {
	test('that is there and says the same is not written, though Azure says more and spells its region otherwise', async () => {
		const it = azureOf([json(200, THERE)]);
		await it.arm.ensure(X);
		assert.deepEqual([it.asked, it.run.changes], [['GET /subscriptions/s/x'], []]);
	});

	test('that differs is written, with the tags that others gave it, and what differs is said', async () => {
		const it = azureOf([json(200, { ...THERE, tags: { a: '1', b: '2' }, properties: { size: 4 } }), json(200, THERE), json(200, THERE)]);
		await it.arm.ensure(X);
		assert.deepEqual(it.bodies[1].tags, { a: '1', b: '2' });
		assert.deepEqual(it.said, ['  change thing x (properties.size)']);
	});

	test('that lacks a tag alone gets it beside those of others, and nothing else is written', async () => {
		const it = azureOf([json(200, { ...THERE, tags: { b: '2' } }), json(200, {})]);
		await it.arm.ensure(X);
		assert.deepEqual(it.asked[1], 'PATCH /subscriptions/s/x/providers/Microsoft.Resources/tags/default');
		assert.deepEqual(it.bodies[1], { operation: 'Merge', properties: { tags: { a: '1' } } });
		assert.deepEqual([it.left.length, it.said], [0, ['  tag thing x']]);
	});

	test('that Azure makes after its answer is waited for: by its operation, by its location, by its state', async () => {
		const at = 'https://arm.example/operation';
		const ways = [
			[json(202, undefined, { 'azure-asyncoperation': at, 'retry-after': '0' }), json(200, { status: 'InProgress' }), json(200, { status: 'Succeeded' })],
			[json(202, undefined, { location: at }), json(202), json(200, THERE)],
			[json(201, { properties: { provisioningState: 'Creating' } }), json(200, { properties: { provisioningState: 'Activating' } })],
		];
		for (const way of ways) {
			const it = azureOf([refusal(404, 'ResourceNotFound'), ...way, json(200, THERE)]);
			assert.deepEqual(await it.arm.ensure(X), THERE);
			assert.equal(it.left.length, 0);
		}
	});

	test('that fails after its answer stops it, with Azure\'s reason', async () => {
		const at = 'https://arm.example/operation';
		const it = azureOf([refusal(404, 'ResourceNotFound'), json(202, undefined, { 'azure-asyncoperation': at }),
			json(200, { status: 'Failed', error: { code: 'ValidationError', message: 'line 3 is no policy' } })]);
		await assert.rejects(it.arm.ensure(X), /thing x: ValidationError: line 3 is no policy/);
		const state = azureOf([refusal(404, 'ResourceNotFound'), json(201, { properties: { provisioningState: 'Creating' } }), json(200, { properties: { provisioningState: 'Failed' } })]);
		await assert.rejects(state.arm.ensure(X), /thing x: Azure gives no reason/);
	});

	test('that failed is written again; that was cancelled after its answer has failed', async () => {
		const failed = { ...THERE, properties: { ...THERE.properties, provisioningState: 'Failed' } };
		const it = azureOf([json(200, failed), json(200, THERE), json(200, THERE)]);
		await it.arm.ensure(X);
		assert.deepEqual([it.asked[1], it.said], ['PUT /subscriptions/s/x', ['  change thing x (it failed)']]);
		const cancelled = azureOf([refusal(404, 'NotFound'), json(201, THERE), json(200, { ...THERE, properties: { provisioningState: 'Canceled' } })]);
		await assert.rejects(cancelled.arm.ensure(X), /thing x: Azure gives no reason/);
	});

	test('that is never done is not waited for for ever', async (t) => {
		t.mock.timers.enable({ apis: ['Date'] });
		const making = json(200, { properties: { provisioningState: 'Activating' } });
		const answers = [refusal(404, 'NotFound'), json(201, making.body), making, making];
		const shift = answers.shift.bind(answers);
		answers.shift = () => (t.mock.timers.tick(50 * 60_000), shift());
		const it = azureOf(answers);
		await assert.rejects(it.arm.ensure(X), /thing x is not done after 90 minutes/);
		assert.deepEqual(it.said, ['  create thing x', '    thing x: Activating (50 min)']);
	});

	test('is not of use where it says so itself', async () => {
		const it = azureOf([refusal(404, 'NotFound'), json(200, THERE), json(200, THERE)]);
		await assert.rejects(it.arm.ensure({ ...X, check: ({ properties }) => `only ${properties.size}` }), /thing x: only 3/);
	});

	test('is only listed with --what-if, and nothing below it is asked for', async () => {
		const it = azureOf([refusal(404, 'ResourceNotFound')], { whatIf: true });
		await it.arm.ensure(X);
		await it.arm.ensure({ ...X, label: 'its part', path: `${X.path}/part` });
		assert.deepEqual(it.said, ['  would create thing x', '  would create its part']);
		await assert.rejects(it.http.ask({ method: 'PUT', url: 'https://arm.example/x' }), /--what-if writes nothing/);
		it.left.push(json(200, THERE));
		assert.deepEqual(await it.arm.get({ ...X, path: `${X.path}-of-another-name` }), THERE);
	});

	test('goes, and is gone where it was gone', async () => {
		const it = azureOf([json(200, THERE), json(202, undefined, { location: 'https://arm.example/op' }), json(202), json(204), refusal(404, 'ResourceNotFound')]);
		await it.arm.remove(X);
		await it.arm.remove(X);
		assert.deepEqual([it.left.length, it.run.changes.length], [0, 1]);
	});

	test('that goes is gone, though the address to ask at goes with it; one that stays is not', async () => {
		const began = json(202, undefined, { location: `https://arm.example${X.path}/operationresults/1` });
		const gone = azureOf([json(200, THERE), began, refusal(404, 'ResourceNotFound'), refusal(404, 'ResourceNotFound')]);
		await gone.arm.remove(X);
		assert.deepEqual([gone.left.length, gone.run.changes.length], [0, 1]);
		const stays = azureOf([json(200, THERE), began, refusal(409, 'InUse', 'others need it'), json(200, THERE)]);
		await assert.rejects(stays.arm.remove(X), /thing x: InUse: others need it/);
	});

	test('that an interrupted run left being made is waited for, and not written', async () => {
		const it = azureOf([json(200, { properties: { provisioningState: 'Creating' } }), json(200, { properties: { provisioningState: 'Updating' } }), json(200, THERE)]);
		assert.deepEqual(await it.arm.ensure(X), THERE);
		assert.deepEqual(it.asked, Array(3).fill('GET /subscriptions/s/x'));
	});

	test('that failed when it was made is written again', async () => {
		const it = azureOf([json(200, { ...THERE, properties: { size: 3, provisioningState: 'Failed' } }), json(200, THERE), json(200, THERE)]);
		await it.arm.ensure(X);
		assert.deepEqual(it.said, ['  change thing x (it failed)']);
	});
});

suite('an address that an answer gives', () => {
	const vaultOf = (azure) => ({ ...azure, cloud: { vaultAudience: 'v' }, known: { KEY_VAULT_URL: 'https://v.example', vaultId: '/vault' }, names: {} });

	test('is asked where it is of the same service, a region of it too', async () => {
		const it = azureOf([json(200, { value: [1], nextLink: 'https://west.arm.example/more' }), json(200, { value: [2], nextLink: '/rest' }), json(200, { value: [3] })]);
		assert.deepEqual(await it.arm.list(X), [1, 2, 3]);
	});

	test('of another host is not asked, as the token would go along', async () => {
		for (const elsewhere of ['https://evil.example/x', 'http://arm.example/x', 'https://evilarm.example/x', 'https://arm.example@evil.example/x', 'https://arm.example.evil/x']) {
			const words = /leads to .*, which gets no token/;
			await assert.rejects(azureOf([json(200, { value: [], nextLink: elsewhere })]).arm.list(X), words, elsewhere);
			for (const header of ['azure-asyncoperation', 'location'])
				await assert.rejects(azureOf([json(404, {}), json(202, undefined, { [header]: elsewhere })]).arm.ensure(X), words, elsewhere);
			await assert.rejects(hasSecret(vaultOf(azureOf([json(200, { value: [], nextLink: elsewhere.replaceAll('arm.', 'v.') })])), 'b'), words, elsewhere);
		}
	});
});

suite('a list', () => {
	const secrets = (...names) => names.map((name) => ({ id: `https://v.example/secrets/${name}`, attributes: { enabled: name !== 'disabled' } }));

	test('is read to its last page: of Resource Manager, of the directory, of the vault', async () => {
		const arm = azureOf([json(200, { value: [1], nextLink: 'https://arm.example/more' }), json(200, { value: [2] })]);
		assert.deepEqual(await arm.arm.list(X), [1, 2]);
		const graph = azureOf([json(200, { value: [1], '@odata.nextLink': 'https://graph.example/v1.0/x?$skiptoken=2' }), json(200, { value: [2] })]);
		assert.deepEqual(await new Directory({ ...graph, cloud: { graph: 'https://graph.example' } }).list('/x'), [1, 2]);
		const vault = azureOf([json(200, { value: secrets('a'), nextLink: 'https://v.example/more' }), json(200, { value: secrets('b') })]);
		const it = { ...vault, cloud: { vaultAudience: 'v' }, known: { KEY_VAULT_URL: 'https://v.example', vaultId: '/vault' }, names: {} };
		assert.equal(await hasSecret(it, 'b'), true);
	});

	test('of secrets has none that is disabled', async () => {
		const vault = azureOf([json(200, { value: secrets('disabled') })]);
		assert.equal(await hasSecret({ ...vault, cloud: { vaultAudience: 'v' }, known: { KEY_VAULT_URL: 'https://v.example', vaultId: '/vault' }, names: {} }, 'disabled'), false);
	});
});

suite('a question', () => {
	test('is asked again where Azure is busy, and where the connection broke', async () => {
		for (const first of [refusal(429, 'TooManyRequests'), ...[500, 502, 503, 504].map((status) => refusal(status, 'ServerBusy')), broken,
			...['PessimisticConcurrencyConflict', 'AnotherOperationInProgress', 'ServiceNotActive'].map((code) => refusal(409, code))]) {
			const it = azureOf([first, json(200, THERE)]);
			assert.deepEqual(await it.arm.get(X), THERE);
		}
	});

	test('is given up after TRIES, with what to do next', async () => {
		const it = azureOf([1, 2, 3].map(() => refusal(503, 'ServerBusy')));
		await assert.rejects(it.arm.get(X), (error) => /thing x: 503 ServerBusy: words/.test(error.message) && /goes on where it stopped/.test(error.advice));
	});

	test('that makes another each time is not asked again once it may have arrived, but where it was turned away', async () => {
		for (const first of [broken, refusal(500, 'InternalServerError')])
			await assert.rejects(azureOf([first]).http.ask({ method: 'POST', url: 'https://arm.example/x', audience: 'a', once: true }));
		const turned = azureOf([refusal(429, 'TooManyRequests'), json(200, {})]);
		await turned.http.ask({ method: 'POST', url: 'https://arm.example/x', audience: 'a', once: true });
	});

	test('that is refused for what is new is asked again, with a word; one that is refused for another reason is not', async () => {
		const patience = ({ code }) => code === 'PrincipalNotFound';
		const it = azureOf([refusal(400, 'PrincipalNotFound'), json(200, {})]);
		await it.http.ask({ url: 'https://arm.example/x', audience: 'a', label: 'role', patience });
		assert.deepEqual(it.said, ['    role: not known everywhere yet, tried again (2 more)']);
		await assert.rejects(azureOf([refusal(400, 'Other')]).http.ask({ url: 'https://arm.example/x', audience: 'a', patience }), /400 Other/);
	});

	test('has one token for an audience, and another where it was refused, once', async () => {
		const it = azureOf([json(200, THERE), refusal(401, 'ExpiredAuthenticationToken'), json(200, THERE)]);
		await it.arm.get(X);
		await it.arm.get(X);
		assert.equal(it.tokens.length, 2);
		await assert.rejects(azureOf([refusal(401, 'Wrong'), refusal(401, 'Wrong')]).arm.get(X), /401 Wrong/);
	});

	test('has another token before the one it has ends', async () => {
		const it = azureOf([json(200, THERE), json(200, THERE)], { lifeMs: 60_000 });
		await it.arm.get(X);
		await it.arm.get(X);
		assert.equal(it.tokens.length, 2);
	});

	test('waits as long as Azure says, and not as long as it may', { timeout: HANGS_MS }, async () => {
		const it = azureOf([json(429, {}, { 'retry-after': '0' }), json(200, THERE)], { WAIT_S: 3600 });
		assert.deepEqual(await it.arm.get(X), THERE);
	});

	test('of a conflict is told what it may be; of another region, which', async () => {
		for (const [code, words] of [['Conflict', /Something else is changing it, or has its name/], ['ConflictError', /Something else/],
			['StorageAccountAlreadyTaken', /^The name is taken/], ['InvalidResourceLocation', /set LOCATION/]])
			await assert.rejects(azureOf([refusal(409, code)]).arm.get(X), ({ advice }) => words.test(advice), code);
	});

	test('of a right that is missing is answered with the right', async () => {
		await assert.rejects(azureOf([refusal(403, 'AuthorizationFailed')]).arm.get(X), ({ advice }) => /Owner of the resource group/.test(advice));
	});
});

test('no secret that the run knows of is said', async () => {
	const it = azureOf([refusal(400, 'Bad', `your ${TOKEN}`)]);
	const error = await it.arm.get(X).catch((caught) => caught);
	it.run.say(error.message);
	assert.deepEqual(it.said, ['thing x: 400 Bad: your [secret]']);
});
