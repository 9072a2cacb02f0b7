/*
 * The public addresses of API Management's instances.  Behind one stands what a test serves there: azure.serveGateway(name),
 * which gives the address on this machine of what answers for it (and may begin it first), or nothing.  Where no test
 * serves any, an instance answers by the little that calls after a deployment look at: open routes with 200, the user's with 401
 * until somebody shows a token.
 */
import http from 'node:http';
import { once } from 'node:events';
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

export function service(azure) {
	const instanceOf = (host) => azure.resources.below(`/subscriptions/${azure.subscriptionId}`)
		.find(({ type, properties }) => type === 'Microsoft.ApiManagement/service' && properties.gatewayUrl === `https://${host}`);

	async function answer(question) {
		const instance = instanceOf(question.host) ?? refuse(502, 'BadGateway', `no such host: ${question.host}`);
		const base = await azure.serveGateway?.(instance.name);
		return base ? passOn(base, question) : plainly(question);
	}

	const form = ({ status, message }) => ({ statusCode: status, message });
	return { hosts: HOSTS, form, routes: METHODS.flatMap((method) => [[method, '/', answer], [method, '/{path*}', answer]]) };
}
