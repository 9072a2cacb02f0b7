/*
 * The public addresses of API Management's instances.  Behind one stands what a test serves there: azure.serveGateway(name),
 * which gives the address on this machine of what answers for it (and may begin it first), or nothing.  Where no test
 * serves any, an instance answers by the little that calls after a deployment look at: open routes with 200, the user's with 401
 * until somebody shows a token.  Either way an API has to be there for the path, and to want no subscription's key.
 */
import { once } from 'node:events';
import http from '../common/http.mjs';
import { refuse } from './refusal.mjs';

const HOSTS = /^([a-z0-9-]+)\.azure-api\.(net|us|cn)$/;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const OF_USERS = /^\/(me|mcp)(\/|$)/;
const CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'content-length'];

/* The answer of what stands at that address; the host that was asked for stays in the headers. */
async function passOn(base, { method, url, headers, bytes }) {
	const request = http.request(new URL(url.pathname + url.search, base), { method, headers: { ...headers, 'content-length': bytes.length } });
	request.end(bytes);
	const [response] = await once(request, 'response');
	const own = Object.entries(response.headers).filter(([name]) => !CONNECTION.includes(name));
	return { status: response.statusCode, headers: Object.fromEntries(own), body: Buffer.concat(await response.toArray()) };
}

function plainly({ url, headers }) {
	if (OF_USERS.test(url.pathname) && !headers.authorization) refuse(401, '401', 'Unauthorized');
	return { body: {} };
}

const KEY_HEADER = 'ocp-apim-subscription-key';

/* The API whose path the address begins with, the longest first. */
function apiAt(apis, { pathname }) {
	const fits = ({ properties: { path } }) => !path || `${pathname}/`.startsWith(`/${path}/`);
	return apis.filter(fits).sort((one, other) => other.properties.path.length - one.properties.path.length)[0];
}

function mustBeServed(apis, { url, headers }) {
	const api = apiAt(apis, url) ?? refuse(404, '404', 'Resource not found');
	if (api.properties.subscriptionRequired && !headers[KEY_HEADER])
		refuse(401, '401', 'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.');
}

export function service(azure) {
	const instanceOf = (host) => azure.resources.below(`/subscriptions/${azure.subscriptionId}`)
		.find(({ type, properties }) => type === 'Microsoft.ApiManagement/service' && properties.gatewayUrl === `https://${host}`);

	async function answer(question) {
		const instance = instanceOf(question.host) ?? refuse(502, 'BadGateway', `no such host: ${question.host}`);
		mustBeServed(azure.apim.instance(instance.name).in('apis'), question);
		const base = await azure.serveGateway?.(instance.name);
		return base ? passOn(base, question) : plainly(question);
	}

	const form = ({ status, message }) => ({ statusCode: status, message });
	return { hosts: HOSTS, form, routes: METHODS.flatMap((method) => [[method, '/', answer], [method, '/{path*}', answer]]) };
}
