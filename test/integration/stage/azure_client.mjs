/*
 * A played Azure for the tests of itself, asked without the network.
 */
import { startAzure } from '../../sandbox/azure/azure.mjs';
import { mintToken } from '../../sandbox/azure/tokens.mjs';

const AUDIENCES = [[/^management\./, 'https://management.azure.com'], [/^graph\./, 'https://graph.microsoft.com'], [/\.vault\./, 'https://vault.azure.net'],
	[/\.scm\./, 'https://management.azure.com'], [/\.blob\./, 'https://storage.azure.com']];

export const asUser = (azure) => ({ oid: azure.userId, idtyp: 'user', upn: azure.userName });
export const asApplication = (oid) => ({ oid, idtyp: 'app' });

/* Who asks (claims; null: nobody), what, with which body (an object is sent as JSON): {status, headers, body}. */
export async function askAs(azure, who, method, address, { body, headers } = {}) {
	const url = new URL(address.startsWith('/') ? `https://management.azure.com${address}` : address);
	const audience = AUDIENCES.find(([host]) => host.test(url.host))?.[1];
	const token = who && audience && { authorization: `Bearer ${mintToken(azure, audience, who)}` };
	const plain = body === undefined || typeof body === 'string' || body instanceof Uint8Array || body instanceof URLSearchParams;
	const given = await azure.answer({ host: url.host, method, url, headers: { ...token, ...headers }, body: body instanceof Uint8Array ? body : Buffer.from(plain ? (body?.toString() ?? '') : JSON.stringify(body)) });
	const json = given.body && /json/.test(given.headers['content-type']);
	return { ...given, body: json ? JSON.parse(given.body) : given.body };
}

/* fetch, asking the played Azure without the network. */
export const fetching = (azure) => async (address, { method = 'GET', headers, body } = {}) => {
	const url = new URL(address);
	const given = await azure.answer({ host: url.host, method, url, headers: Object.fromEntries(new Headers(headers)), body: Buffer.from(body?.toString() ?? '') });
	if (given.cut) throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } });
	return new Response(given.status === 204 ? null : given.body, given);
};

/* {azure, ask(method, address, body), G: the path of a resource group that is there, P: that of its providers}; address: a path of ARM or a whole URL.  options: what startAzure
 * takes, or azure, one that is started. */
export async function played(t, { azure: given, ...options } = {}) {
	const azure = given ?? await startAzure({ slowRoles: 0, slowStates: 0, ...options });
	if (!given) t.after(() => azure.close());
	const ask = (method, address, body, more) => askAs(azure, asUser(azure), method, address, { body, ...more });
	const G = `/subscriptions/${azure.subscriptionId}/resourceGroups/rg`;
	await ask('PUT', `${G}?api-version=2021-04-01`, { location: 'westeurope' });
	azure.calls.length = 0;
	return { azure, ask, G, P: `${G}/providers` };
}
