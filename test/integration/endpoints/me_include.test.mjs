/*
 * GET /me?include=photo,manager: more of Graph in the same round trip, each part answered for
 * itself.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { assertError, challengeOf, startAlone, startSandbox, use } from '../stage/fixture.mjs';

const SCOPES = ['User.Read', 'User.Read.All'];	/* the second is the manager's */
const JPEG_START = '/9j/';
const PNG_START = 'iVBOR';
const json = { 'content-type': 'application/json' };

for (const tls of [false, true]) {
	describe(tls ? 'over TLS and HTTP/2' : 'over plain HTTP', async () => {
		const sandbox = await startSandbox({ tls, delegated: SCOPES });
		after(() => sandbox.stop());
		const { entra, graph, env } = sandbox;
		const handler = use(() => startAlone({ env: { ...env, LOG_LEVEL: 'debug' },
			keeps: sandbox }));
		afterEach(() => sandbox.reset());

		const me = async (query, user) => handler().ask(`/me${query}`,
			{ token: await entra.mintUserToken({ user }) });
		const both = '?include=photo,manager';
		/* The batches that Graph was sent, as lists of [method, url]. */
		const batches = () => graph.requests.filter(({ body }) => body).map(({ body }) =>
			JSON.parse(body).requests.map(({ method, url }) => [method, url]));
		const broken = async (fault, query = both) => {
			graph.fail({ times: Infinity, ...fault });
			const answer = await me(query);
			graph.clearFailures();
			return answer;
		};

		test('both come beside the profile, in one request to Graph', async () => {
			const answer = await me(both);
			assert.equal(answer.status, 200);
			const { photo, manager, ...profile } = answer.json;
			assert.deepEqual(profile, (await me('')).json);
			assert.deepEqual(photo, { contentType: 'image/jpeg', data: entra.users.adele.photo });
			assert.ok(photo.data.startsWith(JPEG_START));
			const { zoe } = entra.users;
			assert.deepEqual([manager.id, manager.displayName, manager.jobTitle],
				[zoe.oid, zoe.name, zoe.jobTitle]);
			assert.deepEqual(batches(), [[['GET', '/me'], ['GET', '/me/photo/$value'],
				['GET', '/me/manager']]]);
			const [{ method, url, headers, httpVersion }] = graph.requests;
			assert.deepEqual([method, url], ['POST', '/v1.0/$batch']);
			assert.equal(headers['content-type'], 'application/json');
			assert.equal(headers.accept, 'application/json');
			assert.equal(headers['client-request-id'], answer.headers['x-request-id']);
			assert.equal(httpVersion, tls ? '2.0' : '1.1');
			assert.deepEqual([graph.counts.batch, graph.counts.parts, graph.counts.me],
				[1, 3, 1]); /* me: the plain profile above */
			assert.equal((await handler().logOf(answer)).token, 'exchange');
		});

		test('each comes alone, in whatever order both', async () => {
			const { json: photo } = await me('?include=photo', 'zoe');
			assert.ok(photo.photo.data.startsWith(PNG_START));
			assert.equal(photo.photo.contentType, 'image/png');
			assert.ok(!('manager' in photo));
			const { json: manager } = await me('?include=manager', 'guest');
			assert.equal(manager.manager.id, entra.users.adele.oid);
			assert.ok(!('photo' in manager));
			const { json: twice } = await me('?include=manager,photo,manager');
			assert.ok(twice.photo.data && twice.manager.id);
			assert.deepEqual(batches().map((parts) => parts.length), [2, 2, 3]);
		});

		test('what a user does not have is null', async () => {
			const { photo, manager, id } = (await me(both, 'bare')).json;
			assert.deepEqual([photo, manager, id], [null, null, entra.users.bare.oid]);
			assert.deepEqual((await me('?include=manager', 'zoe')).json.manager, null);
		});

		test('$select narrows the profile alone', async () => {
			const { json: answer } = await me(`${both}&$select=id,displayName`, 'zoe');
			assert.deepEqual(Object.keys(answer), ['@odata.context', 'id', 'displayName', 'photo',
				'manager']);
			const [[profile, ...others]] = batches();
			assert.deepEqual(profile, ['GET', '/me?$select=id,displayName']);
			assert.equal(others.length, 2);
			const wrong = await me(`${both}&$select=shoeSize`);
			assertError(wrong, 400, 'bad_request');
			assert.match(wrong.json.error.message, /\$select/);
		});

		test('anything else is the caller\'s mistake, and Graph is not asked', async () => {
			for (const value of ['', ',', 'photo,', ',photo', 'photo,,manager', 'Photo', 'calendar',
				'photo;manager', 'photo%20manager', 'photo,%20manager', 'photo,manager,x',
				'photo%00', 'photo/$value', '*', '%ff', 'x'.repeat(5000)])
				assertError(await me(`?include=${value}`), 400, 'bad_request');
			assert.equal(graph.requests.length, 0);
		});

		/* [what Graph says to a part, its code in ours, Graph asked] */
		for (const [fault, code] of [[{ kind: 'throttle', retryAfter: 40 }, 'throttled'],
			[{ kind: 'http_503' }, 'upstream_unavailable'],
			[{ kind: 'http_504' }, 'upstream_timeout'], [{ kind: 'http_500' }, 'graph_error'],
			[{ kind: 'html_502' }, 'graph_error'], [{ kind: 'empty_body' }, 'graph_error'],
			[{ kind: 'forbidden' }, 'graph_forbidden'], [{ kind: 'cae' }, 'insufficient_claims'],
			[{ kind: 'invalid_token' }, 'invalid_token'], [{ kind: 'not_found' }, null],
			[{ kind: 'raw', status: 302, headers: { location: 'http://127.0.0.1:9/' } },
				'graph_error']]) {
			test(`a part that meets "${fault.kind}" says so, the rest is there`, async () => {
				const photoless = (await broken({ ...fault, part: 'photo' })).json;
				assert.equal(photoless.photo?.error.code ?? null, code);
				assert.equal(photoless.manager.id, entra.users.zoe.oid);
				const leaderless = (await broken({ ...fault, part: 'manager' })).json;
				assert.equal(leaderless.manager?.error.code ?? null, code);
				assert.ok(leaderless.photo.data);
				if (code) {
					const { message, claims, retryAfterSeconds, ...rest } =
						leaderless.manager.error;
					assert.equal(retryAfterSeconds, fault.retryAfter);
					assert.equal(claims !== undefined, fault.kind === 'cae');
					assert.match(message, /^\S.*\.$/);
					assert.deepEqual(rest, { code });
				}
				assert.equal(graph.counts.batch, 2, 'a part alone is not worth a retry');
				assert.equal(entra.counts.token, 2);
			});
		}

		/* [what Graph says to the profile in the batch, our status and code] */
		for (const [fault, status, code] of [[{ kind: 'forbidden' }, 403, 'graph_forbidden'],
			[{ kind: 'not_found' }, 404, 'not_found'], [{ kind: 'http_500' }, 502, 'graph_error'],
			[{ kind: 'throttle', retryAfter: 40 }, 429, 'throttled'],
			[{ kind: 'http_503' }, 503, 'upstream_unavailable'],
			[{ kind: 'invalid_token' }, 401, 'invalid_token'],
			[{ kind: 'empty_body' }, 502, 'graph_error'],
			[{ kind: 'raw', status: 200, headers: json, body: [1] }, 502, 'graph_error']]) {
			test(`a profile that meets "${fault.kind}" there is ${status} ${code}`, async () => {
				const answer = assertError(await broken({ ...fault, part: 'me' }), status, code);
				assert.equal(answer.headers['retry-after'], status === 429 ? '40' : undefined);
				assert.equal(challengeOf(answer)?.error, status === 401 ? code : undefined);
				assert.equal(answer.json.error.upstream.service, 'graph');
			});
		}

		test('a throttled profile is tried again, a challenged one exchanged anew', async () => {
			graph.fail({ kind: 'throttle', part: 'me', retryAfter: 1 });
			assert.equal((await me(both)).status, 200);
			assert.equal(graph.counts.batch, 2);
			sandbox.reset();
			graph.fail({ kind: 'cae', part: 'me' });
			assert.equal((await me(both)).status, 200);
			assert.deepEqual([graph.counts.batch, entra.counts.token], [2, 2]);
			const { form } = entra.requests.at(-1);
			assert.deepEqual(Object.keys(JSON.parse(form.claims).access_token), ['nbf', 'xms_cc']);
		});

		test('a batch that is refused or broken as a whole is an error', async () => {
			const said = (body) => ({ kind: 'raw', status: 200, headers: json, body });
			for (const fault of [{ kind: 'not_json' }, { kind: 'empty_body' }, { kind: 'huge' },
				{ kind: 'truncated_json' }, { kind: 'gzip' }, { kind: 'http_500' },
				{ kind: 'raw', status: 400, headers: json, body: { error: { code: 'BadRequest' } } },
				said('[]'), said({}), said({ responses: {} }), said({ responses: [] }),
				said({ responses: [null, 1, { id: 1 }, { id: 'me' }] }),
				said({ responses: [{ id: 'me', status: 'ok', body: {} }] }),
				said({ responses: [{ id: 'me', status: 2000, body: {} }] }),
				said({ responses: [{ id: 'me', status: 200, body: 'text' }] })])
				assertError(await broken(fault), 502, 'graph_error');
		});

		test('parts that are absent or of the wrong kind are errors of their own', async () => {
			const profile = { id: 'me', status: 200, body: { id: entra.users.adele.oid } };
			const part = (id, body) => ({ id, status: 200, body });
			for (const responses of [[profile],
				[profile, part('photo', { a: 1 }), part('manager', 'text')],
				[profile, part('photo', 'not*base64'), part('manager', [1])],
				[profile, part('photo', ''), part('manager', null)],
				[part('photo', 7), { id: 'manager', status: 204 }, profile]]) {
				const answer = await broken({ kind: 'raw', status: 200, headers: json,
					body: { responses } });
				assert.equal(answer.status, 200);
				const { id, photo, manager } = answer.json;
				assert.equal(id, entra.users.adele.oid);
				assert.deepEqual([photo.error.code, manager.error.code],
					['graph_error', 'graph_error']);
			}
		});

		test('a photo\'s kind is told by its bytes, not by Graph\'s word', async () => {
			const page = Buffer.from('<script>alert(1)</script>').toString('base64');
			const { json: answer } = await broken({ kind: 'raw', status: 200, headers: json,
				body: { responses: [{ id: 'me', status: 200,
					body: { id: entra.users.adele.oid } }, { id: 'photo', status: 200,
					headers: { 'Content-Type': 'text/html' }, body: page }] } }, '?include=photo');
			assert.deepEqual(answer.photo, { contentType: 'application/octet-stream', data: page });
		});

		/* [its first bytes, its type, whether a client of MCP can show it] */
		for (const [bytes, type, shown] of [['GIF87a..', 'image/gif', true], ['GIF89a..', 'image/gif', true],
			['RIFF....WEBPVP8 ', 'image/webp', true], ['BM......', 'image/bmp', false],
			['II*.....', 'application/octet-stream', false]]) {
			test(`a photo that begins "${bytes}" is ${type}${shown ? '' : ', told in words to a model'}`, async () => {
				const data = Buffer.from(bytes).toString('base64');
				const said = { kind: 'raw', status: 200, headers: json, body: { responses: [
					{ id: 'me', status: 200, body: { id: entra.users.adele.oid } },
					{ id: 'photo', status: 200, body: data }] } };
				assert.deepEqual((await broken(said, '?include=photo')).json.photo, { contentType: type, data });
				graph.fail(said);
				const { json: { result } } = await handler().ask('/mcp', { method: 'POST', headers: json,
					token: await entra.mintUserToken(), body: JSON.stringify({ jsonrpc: '2.0', id: 1,
						method: 'tools/call', params: { name: 'me', arguments: { include: ['photo'] } } }) });
				assert.deepEqual(result.structuredContent.photo, { contentType: type });
				assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
				assert.deepEqual(result.content.slice(1), [shown ? { type: 'image', mimeType: type, data }
					: { type: 'text', text: `There is a photo, of the type ${type}, which cannot be shown here.` }]);
			});
		}

		test('a token of the gateway brings them too', async () => {
			const token = await entra.mintGraphToken({ scopes: SCOPES });
			const answer = await handler().ask(`/me${both}`, { token });
			assert.equal(answer.json.manager.id, entra.users.zoe.oid);
			assert.deepEqual([entra.counts.token, graph.counts.batch], [0, 1]);
		});
	});
}
