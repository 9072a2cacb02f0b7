/*
 * What an instance of the played API Management holds beside policies: named values, backends, APIs and their
 * operations, loggers and diagnostics.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { VERSION, fault, playedInstance, refused, withVault } from '../stage/apim_stage.mjs';

const BACKEND = { url: 'https://b.example', protocol: 'http' };
const SECRET = { secretIdentifier: 'https://vault-1.vault.azure.net/secrets/a' };
const OPENAPI = (paths, more = '') => `openapi: 3.0.3\ninfo:\n  title: T\n  version: '1'\n  description: Contract 0.\nservers:\n  - url: https://s.example\n${more}paths:\n${paths}`;
const PLAIN = { displayName: 'A', path: 'a', protocols: ['https'] };

suite('a named value', () => {
	test('is taken at once and there some questions later', async (t) => {
		const { part, poll } = await playedInstance(t, { slowStates: 1 });
		const answer = await part('PUT', 'namedValues/v', { displayName: 'v', value: '1' });
		assert.equal(answer.status, 202);
		assert.match(answer.headers.location, /\/namedValues\/v\?api-version=2024-05-01&asyncId=op-\d+&asyncCode=201$/);
		const { status, body } = await poll(answer);
		assert.deepEqual([status, body.properties], [201, { displayName: 'v', secret: false, tags: [], value: '1', provisioningState: 'Succeeded' }]);
	});

	test('that is secret is told by listValue alone', async (t) => {
		const { azure, part, put } = await playedInstance(t);
		await put('namedValues/v', { displayName: 'v', value: 'SECRET-v', secret: true });
		assert.equal((await part('GET', 'namedValues/v')).body.properties.value, undefined);
		azure.calls.length = 0;
		assert.equal((await part('POST', 'namedValues/v/listValue')).body.value, 'SECRET-v');
		assert.deepEqual(azure.writes, []);
	});

	test('of a vault that does not open fails later, says why, cannot be used, and can be tried again', async (t) => {
		const it = await playedInstance(t);
		const { grant } = await withVault(it, 'vault-1', { a: 'SECRET-a' });
		const given = { displayName: 'a', secret: true, keyVault: SECRET };
		assert.equal((await it.part('PUT', 'namedValues/a', given)).status, 202);
		const { properties } = (await it.part('GET', 'namedValues/a')).body;
		assert.deepEqual([properties.provisioningState, properties.keyVault.lastStatus.code], ['Failed', 'Forbidden']);
		assert.match(properties.keyVault.lastStatus.message, /^Failed to retrieve secret from KeyVault/);
		assert.match(fault(await it.put('policies/policy', { value: '<policies><inbound><set-method>{{a}}</set-method></inbound></policies>' })), /Cannot find a property 'a'/);
		await grant();
		const { status, body } = await it.put('namedValues/a', given);
		assert.deepEqual([status, body.properties.keyVault.lastStatus.code, body.properties.value], [200, 'Success', undefined]);
	});

	test('of a vault keeps what it read until it is refreshed', async (t) => {
		const it = await playedInstance(t);
		const { grant, write } = await withVault(it, 'vault-1', { a: 'old' });
		await grant();
		await it.put('namedValues/a', { displayName: 'a', keyVault: SECRET });
		await write('a', 'new');
		const told = async () => (await it.part('POST', 'namedValues/a/listValue')).body.value;
		assert.equal(await told(), 'old');
		await it.part('POST', 'namedValues/a/refreshSecret');
		assert.equal(await told(), 'new');
	});

	const WRONG = { 'with neither text nor secret': { displayName: 'v' }, 'with both': { displayName: 'v', value: '1', keyVault: SECRET }, 'empty': { displayName: 'v', value: '' }, 'too long': { displayName: 'v', value: 'x'.repeat(4097) },
		'whose name a policy cannot write': { displayName: 'a b', value: '1' }, 'of no vault': { displayName: 'v', keyVault: { secretIdentifier: 'https://vault.example/a' } },
		'of an identity that it has not': { displayName: 'v', keyVault: { ...SECRET, identityClientId: 'x' } }, 'with a member that there is not': { displayName: 'v', value: '1', colour: 'blue' } };
	for (const [what, given] of Object.entries(WRONG)) {
		test(`${what} is refused`, async (t) => {
			const { put } = await playedInstance(t);
			refused(await put('namedValues/v', given), 400, 'ValidationError');
		});
	}

	test('has a display name of its own', async (t) => {
		const { put } = await playedInstance(t);
		await put('namedValues/v', { displayName: 'v', value: '1' });
		assert.match(fault(await put('namedValues/w', { displayName: 'v', value: '2' })), /^displayName: /);
	});
});

test('what is changed or deleted is what was seen: If-Match', async (t) => {
	const { ask, id, put } = await playedInstance(t);
	await put('backends/b', BACKEND);
	const at = `${id}/backends/b?${VERSION}`;
	const { headers: { etag } } = await ask('GET', at);
	const send = (method, match, body) => ask(method, at, body, { headers: match ? { 'if-match': match } : {} });
	refused(await send('DELETE'), 400, 'ValidationError');
	refused(await send('PUT', '"other"', { properties: BACKEND }), 412, 'PreconditionFailed');
	assert.equal((await send('PUT', etag, { properties: { ...BACKEND, title: 'B' } })).status, 200);
	refused(await send('DELETE', etag), 412, 'PreconditionFailed');
	assert.equal((await send('HEAD', '')).status, 200);
	assert.deepEqual([(await send('DELETE', '*')).status, (await send('GET')).status, (await send('DELETE', '*')).status], [200, 404, 204]);
});

test('nothing stands in what is not there', async (t) => {
	const { part, ask, id } = await playedInstance(t);
	assert.equal(refused(await part('PUT', 'apis/none/operations/o', { displayName: 'o', method: 'GET', urlTemplate: '/' }), 404, 'ResourceNotFound').message, 'API not found.');
	refused(await part('GET', 'apis/none/operations'), 404, 'ResourceNotFound');
	assert.equal((await ask('GET', `${id.replace('gateway-1', 'gateway-2')}/apis?${VERSION}`)).status, 404);
	refused(await part('PUT', 'gateways/none', {}), 404, 'NotFound');
});

suite('an API', () => {
	test('is imported later, with its operations by the ids of the document', async (t) => {
		const { part, poll } = await playedInstance(t, { slowStates: 1 });
		const parameter = (fields) => `        - {${fields}, schema: {type: string}}\n`;
		const value = OPENAPI(`  /b/{c}:\n    get:\n      operationId: getB_of C\n      summary: B\n      parameters:\n${
			parameter('name: c, in: path, required: true')}${parameter('name: d, in: query, required: true')}${parameter('name: e, in: query')
		}      responses: {'200': {description: Fine.}}\n    post:\n      responses: {}\n`);
		const answer = await part('PUT', 'apis/a', { ...PLAIN, format: 'openapi', value });
		assert.equal(answer.status, 202);
		refused(await part('PUT', 'apis/a/operations/o', { displayName: 'o', method: 'GET', urlTemplate: '/' }), 409, 'PessimisticConcurrencyConflict');
		const { status, body } = await poll(answer);
		assert.deepEqual([status, body.properties.description, body.properties.serviceUrl, body.properties.value], [201, 'Contract 0.', 'https://s.example', undefined]);
		const { body: { value: operations } } = await part('GET', 'apis/a/operations');
		assert.deepEqual(operations.map(({ name, properties }) => [name, properties.method, properties.urlTemplate]),
			[['getb-of-c', 'GET', '/b/{c}?d={d}'], ['post-b-c', 'POST', '/b/{c}']]);
		assert.deepEqual(operations[0].properties.request.queryParameters.map(({ name }) => name), ['e']);
	});

	test('imported again loses what the document no longer has, and keeps the policies of the rest', async (t) => {
		const { part, put } = await playedInstance(t);
		const paths = (...names) => OPENAPI(names.map((name) => `  /${name}:\n    get: {operationId: ${name}, responses: {}}\n`).join(''));
		const send = (value) => put('apis/a', { ...PLAIN, format: 'openapi', value });
		await send(paths('one', 'two'));
		for (const name of ['one', 'two']) await put(`apis/a/operations/${name}/policies/policy`, { value: '<policies><inbound><base /></inbound></policies>' });
		await send(paths('two', 'three'));
		assert.deepEqual((await part('GET', 'apis/a/operations')).body.value.map(({ name }) => name).sort(), ['three', 'two']);
		assert.deepEqual([(await part('GET', 'apis/a/operations/two/policies/policy')).status, (await part('GET', 'apis/a/operations/one/policies/policy')).status], [200, 404]);
	});

	const BAD = { 'no YAML': 'a: [', 'no OpenAPI': 'swagger: 2.0', 'no operation': OPENAPI('  /a: {}\n'), 'a reference to another file': OPENAPI("  /a:\n    get: {responses: {'200': {$ref: 'other.yaml#/a'}}}\n") };
	for (const [what, value] of Object.entries(BAD)) {
		test(`from a document with ${what} fails, and only the end says so`, async (t) => {
			const { part, poll } = await playedInstance(t);
			const answer = await part('PUT', 'apis/a', { ...PLAIN, format: 'openapi', value });
			assert.equal(answer.status, 202);
			assert.match(fault(await poll(answer)), /^representation: Parsing error\(s\): /);
			assert.equal((await part('GET', 'apis/a')).body.properties.provisioningState, 'Failed');
		});
	}

	test('has a path of its own', async (t) => {
		const { put } = await playedInstance(t);
		await put('apis/a', PLAIN);
		assert.equal(fault(await put('apis/b', PLAIN)), "path: Cannot create API 'b' with the same Path 'a' as API 'a'  unless it's a part of the same version set");
		refused(await put('apis/b', { ...PLAIN, path: '/b' }), 400, 'ValidationError');
		refused(await put('apis/b', { path: 'b' }), 400, 'ValidationError');
	});

	test('has operations whose parameters are declared and whose addresses differ; they go with it', async (t) => {
		const { part, put } = await playedInstance(t);
		await put('apis/a', PLAIN);
		const operation = { displayName: 'o', method: 'GET', urlTemplate: '/{x}', templateParameters: [{ name: 'x', type: 'string', required: true }] };
		assert.match(fault(await put('apis/a/operations/o', { ...operation, templateParameters: [] })), /^templateParameters: All template parameters/);
		assert.equal((await put('apis/a/operations/o', operation)).status, 201);
		assert.match(fault(await put('apis/a/operations/p', operation)), /^urlTemplate: /);
		await part('DELETE', 'apis/a');
		await put('apis/a', PLAIN);
		assert.deepEqual((await part('GET', 'apis/a/operations')).body.value, []);
	});
});

suite('a logger', () => {
	const LOGGER = { loggerType: 'applicationInsights', credentials: { connectionString: 'InstrumentationKey=SECRET-key' } };

	test('keeps its credential as a secret named value and shows that one\'s name', async (t) => {
		const { part, put } = await playedInstance(t);
		const { body } = await put('loggers/l', LOGGER);
		assert.match(body.properties.credentials.connectionString, /^\{\{Logger-Credentials--[0-9a-f]{24}\}\}$/);
		assert.doesNotMatch(JSON.stringify((await part('GET', 'namedValues')).body), /SECRET/);
		await put('loggers/l', LOGGER);
		assert.equal((await part('GET', 'namedValues')).body.count, 1);
	});

	test('needs a credential, or a named value that there is, and a resource that there is', async (t) => {
		const { put } = await playedInstance(t);
		refused(await put('loggers/l', { loggerType: 'applicationInsights' }), 400, 'ValidationError');
		assert.equal(fault(await put('loggers/l', { ...LOGGER, credentials: { connectionString: '{{none}}' } })), "credentials: Property 'none' not found.");
		refused(await put('loggers/l', { ...LOGGER, resourceId: '/subscriptions/none' }), 400, 'ValidationError');
	});

	test('is what a diagnostic writes to, as much of a body as is allowed', async (t) => {
		const { id, part, put } = await playedInstance(t);
		const diagnostic = { loggerId: `${id}/loggers/l`, sampling: { samplingType: 'fixed', percentage: 50 }, httpCorrelationProtocol: 'W3C', frontend: { request: { headers: [], body: { bytes: 0 } } } };
		refused(await put('diagnostics/applicationinsights', diagnostic), 400, 'ValidationError');
		await put('loggers/l', LOGGER);
		await put('apis/a', PLAIN);
		for (const at of ['diagnostics', 'apis/a/diagnostics']) {
			assert.equal((await put(`${at}/applicationinsights`, { ...diagnostic, loggerId: '/loggers/l' })).body.properties.loggerId, `${id}/loggers/l`);
			assert.equal(fault(await put(`${at}/applicationinsights`, { ...diagnostic, sampling: { samplingType: 'fixed', percentage: 101 } })), 'percentage: Sampling percentage must be between 0 and 100.');
			refused(await put(`${at}/applicationinsights`, { ...diagnostic, backend: { response: { body: { bytes: 8193 } } } }), 400, 'ValidationError');
			refused(await put(`${at}/other`, diagnostic), 400, 'ValidationError');
		}
		refused(await part('DELETE', 'loggers/l'), 400, 'ValidationError');
	});
});

test('a backend has a whole address', async (t) => {
	const { put } = await playedInstance(t);
	refused(await put('backends/b', { ...BACKEND, url: 'b.example' }), 400, 'ValidationError');
	refused(await put('backends/b', { url: BACKEND.url }), 400, 'ValidationError');
	assert.deepEqual((await put('backends/b', BACKEND)).body.properties, { ...BACKEND, tls: { validateCertificateChain: true, validateCertificateName: true } });
});
