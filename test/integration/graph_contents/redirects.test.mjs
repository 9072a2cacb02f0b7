/*
 * The one redirect of a file: followed to a host that keeps files, without the token; nowhere else, not twice, and nothing of its
 * address is seen.
 */
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { assertError } from '../stage/fixture.mjs';
import { startContents } from '../stage/graph_tools/contents.mjs';

for (const tls of [false, true])
	describe(`a file ${tls ? 'over TLS' : 'without TLS, on this machine'}`, async () => {
		const { graph, downloads, token, call, put, good, assertAddressesKept } = await startContents({ tls });
		const secrets = new Set();
		afterEach(() => assertAddressesKept(secrets));
		const note = () => downloads.requests.forEach(({ url }) => secrets.add(new URL(url, downloads.url).searchParams.get('tempauth') ?? url));
		const contentOf = (id) => `/me/drive/items/${id.replace('!', '%21')}/content`;
		const text = () => put({ name: 'a.txt', type: 'text/plain', bytes: 'hello' });

		test('is asked for at its host without the token, and with nothing of the caller', async () => {
			assert.equal((await good('read_file', { id: text() })).text, 'hello');
			note();
			assert.deepEqual([downloads.counts.served, downloads.counts.withToken, downloads.requests.length], [1, 0, 1]);
			const [{ method, headers }] = downloads.requests;
			assert.equal(method, 'GET');
			const { host, ':authority': authority, accept, 'user-agent': agent, ...more } = headers;
			assert.deepEqual(Object.keys(more).filter((name) => !name.startsWith(':')), []);
			assert.equal(accept, '*/*');
			assert.ok((host ?? authority) && agent);
			assert.ok(!JSON.stringify(headers).includes(token));
			assert.ok(graph.requests.every(({ headers: { authorization } }) => /^Bearer /.test(authorization)));
		});

		test('that has been moved to elsewhere is not asked for', async () => {
			const port = new URL(downloads.url).port;
			for (const location of [`https://evil.example/s3cret`, 'http://contoso-my.sharepoint.com/s3cret', 'https://contoso.sharepoint.com.evil.example/s3cret',
				`http://user:s3cret@127.0.0.1:${port}/`, `https://s3cret@localhost:${port}/`, 'https://169.254.169.254/s3cret', 'https://10.0.0.1/s3cret',
				'https://contoso-my.sharepoint.com:8443/s3cret', 'https://sharepoint.com/s3cret', `http://127.0.0.1:${port}\\@evil.example/s3cret`,
				'/s3cret', '//127.0.0.1/s3cret', 'file:///etc/passwd', 'ftp://127.0.0.1/s3cret', '']) {
				const id = text();
				graph.fail({ kind: 'raw', path: contentOf(id), times: 1, status: 302, headers: { location }, body: '' });
				const answer = assertError(await call('read_file', { id }), 502, 'graph_error');
				assert.ok(!answer.text.includes('s3cret'), location);
			}
			secrets.add('s3cret');
			assert.equal(downloads.requests.length, 0);
		});

		test('whose host moves it on is not followed there, be it a host of files', async () => {
			for (const location of [`${downloads.url}/s3cret`, 'https://evil.example/s3cret'])
				for (const status of [301, 302, 303, 307, 308]) {
					downloads.resetCounts();
					downloads.fail({ kind: 'redirect', location, status, times: 1 });
					assertError(await call('read_file', { id: text() }), 502, 'graph_error');
					note();
					assert.deepEqual([downloads.requests.length, downloads.counts.withToken], [1, 0]);
				}
		});

		test('whose address is no longer good is no refusal of the user\'s', async () => {
			downloads.fail({ kind: 'expired', times: 1 });
			const { headers } = assertError(await call('read_file', { id: text() }), 502, 'graph_error');
			assert.equal(headers['www-authenticate'], undefined);
			note();
		});

		test('that Graph sends by another status is not followed', async () => {
			for (const status of [301, 303, 307, 308]) {
				const id = text();
				graph.fail({ kind: 'raw', path: contentOf(id), times: 1, status,
					headers: { location: `${downloads.url}/s3cret` }, body: '' });
				assertError(await call('read_file', { id }), 502, 'graph_error');
			}
			assert.equal(downloads.requests.length, 0);
		});
	});
