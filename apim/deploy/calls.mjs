/*
 * Calls through the gateway, which show that what was deployed works.
 */
import { az } from './az.mjs';
import { Stop } from './run.mjs';

const CALL_LIMIT_MS = 60_000;

const ADVICE = {
	404: 'The gateway does not know the address yet, or another API of it has the path: run it again in a minute.',
	401: 'The client that az is must be in preauth.json (04b07795-8ddb-461a-bbee-02f9e1bf7b46), and User.Read consented to.',
	503: 'GET /status names what the handler lacks; a new right to the vault takes some minutes.',
};

async function statusOf(url, request) {
	try {
		const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(CALL_LIMIT_MS), ...request });
		await response.arrayBuffer();
		return response.status;
	} catch (error) {
		return `no answer (${error.cause?.code ?? error.message})`;
	}
}

async function expect({ run, known, options }, wanted, path, request = {}) {
	for (let left = options.TRIES; ; left--) {
		const status = await statusOf(known.APIM_GATEWAY_URL + path, request);
		if (status === wanted) return run.note(`${status} ${request.method ?? 'GET'} ${path}`);
		if (left <= 1) throw new Stop(`${known.APIM_GATEWAY_URL}${path} answered ${status}, not ${wanted}.`, ADVICE[status] ?? 'Look at the failures in Application Insights.');
		await run.again(path, `${status} instead of ${wanted}, asked again`, left);
	}
}

async function asUser(it) {
	const { run, known, account } = it;
	if (account.userType !== 'user') return run.skip('No call as a user: az is signed in as an application.');
	if (known.consentWaits) return run.skip('No call as a user: it was not this deployment that consented.');
	const scope = `api://${known.CLIENT_ID}/${it.settings().REQUIRED_SCOPE || 'access_as_user'}`;
	const { accessToken } = await az(['account', 'get-access-token', '--scope', scope]).catch((error) => {
		throw Object.assign(error, { advice: `All else is there, and works without this call. ${ADVICE[401]} `
			+ `Where the tenant wants more of a sign-in: az login --scope ${scope}, then run it again.` });
	});
	run.keepSecret(accessToken);
	return expect(it, 200, '/me', { headers: { authorization: `Bearer ${accessToken}` } });
}

export async function calls(it) {
	const { run, options } = it;
	run.say('Calls through the gateway');
	if (run.whatIf) return;
	await expect(it, 200, '/hello?name=Adele');
	if (options.MCP_SIGN_IN === 'yes') await expect(it, 200, '/.well-known/oauth-authorization-server');
	await expect(it, 401, '/me');
	await expect(it, 401, '/mcp', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
	await asUser(it);
}
