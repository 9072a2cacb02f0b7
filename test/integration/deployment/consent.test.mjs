/*
 * Consent in a directory that is slow to know itself: what was made a moment ago is not in its lists yet.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admit, ofApi, ofClients } from '../../../apim/deploy/consent.mjs';
import { Directory } from '../../../apim/deploy/directory.mjs';
import { Http } from '../../../apim/deploy/http.mjs';
import { Run } from '../../../apim/deploy/run.mjs';

const GRAPH = { id: 'graph', appId: '00000003-0000-0000-c000-000000000000' };

/* A directory whose lists know Microsoft Graph alone; refusals: what the first attempts to make a service principal are answered. */
function slowDirectory(refusals) {
	const grants = [];
	const run = new Run({ options: { TRIES: 3, WAIT_S: 0, ADMIN_CONSENT: 'yes' }, print: () => {} });
	async function send(url, { method, body }) {
		const { pathname, searchParams } = new URL(url);
		if (method === 'GET') return Response.json({ value: searchParams.get('$filter')?.includes(GRAPH.appId) ? [GRAPH] : [] });
		const asked = JSON.parse(body);
		if (pathname.endsWith('/servicePrincipals')) {
			const refusal = refusals.shift();
			return refusal ? Response.json({ error: refusal }, { status: 403 }) : Response.json({ id: `principal of ${asked.appId}`, appId: asked.appId }, { status: 201 });
		}
		grants.push(asked);
		return Response.json(asked, { status: 201 });
	}
	const http = new Http(run, { send, token: async () => ({ value: 'a.b.c', endsMs: Date.now() + 3_600_000 }) });
	const cloud = { graph: 'https://graph.example', login: 'login.example' };
	return { grants, run, options: run.options, known: {}, cloud, account: { tenantId: 't' }, directory: new Directory({ run, http, cloud }) };
}
const registration = (appId) => ({ label: `registration ${appId}`, appId, content: { appId } });

test('a service principal that the lists do not have yet is consented to by what making it gave', async () => {
	const it = slowDirectory([]);
	await admit(it, registration('api'), ofApi());
	await admit(it, registration('clients'), ofClients('api', 'access_as_user'));
	assert.deepEqual(it.grants.map(({ clientId, resourceId }) => [clientId, resourceId]),
		[['principal of api', 'graph'], ['principal of clients', 'principal of api'], ['principal of clients', 'graph']]);
	assert.deepEqual(it.run.skipped, []);
});

test('an application that is not known yet is no missing right, though the directory says 403', async () => {
	const it = slowDirectory([{ code: 'Authorization_RequestDenied', message: 'When using this permission, the backing application of the service principal being created must in the local tenant' }]);
	await admit(it, registration('api'), ofApi());
	assert.deepEqual([it.grants.length, it.run.skipped], [1, []]);
	const denied = slowDirectory([{ code: 'Authorization_RequestDenied', message: 'Insufficient privileges to complete the operation.' }]);
	await admit(denied, registration('api'), ofApi());
	assert.match(denied.run.skipped[0], /left to an administrator/);
});
