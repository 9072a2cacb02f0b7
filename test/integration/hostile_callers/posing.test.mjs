/* Calls dressed up as the host's own. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { assertError, startHosted, startSandbox, use } from '../stage/fixture.mjs';

const sandbox = await startSandbox();
after(() => sandbox.stop());
const { env } = sandbox;

for (const mode of ['forwarding', 'proxying']) {
	describe(mode, () => {
		const hosted = use(() => startHosted({ env, mode }));

		test('a client that poses as the host is answered as the client it is', async () => {
			const { host } = hosted();
			const body = JSON.stringify({ Data: { req: { Url: 'http://x/hello?name=Posed',
				Method: 'GET', Query: { name: 'Posed' }, Headers: {}, Params: {},
				Body: '{"name":"Posed"}' } }, Metadata: {} });
			for (const agent of [{}, { 'user-agent': 'Azure-Functions-Host/4.0' },
				{ 'user-agent': `Azure-Functions-Host/${host.version}` }]) {
				const posed = { method: 'POST', body, headers: { ...agent,
					host: `127.0.0.1:${host.handlerPort}`,
					'content-type': 'application/json',
					'x-azure-functions-invocationid': '1' } };
				const echoed = await hosted().ask('/echo', posed);
				assert.equal(echoed.status, 200);
				assert.equal(echoed.text, body);
				assertError(await hosted().ask('/hello', posed), 400, 'bad_request');
			}
		});
	});
}
