/*
 * A web page that is an MCP client: the official SDK's own modules, loaded by the browser.  The page
 * offers window.mcp(endpoint, token, mode), which connects and calls, and window.me(endpoint), which
 * signs in for it, keeps what it knows in sessionStorage.kept and goes on where it comes back to.
 */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { repo } from './fixture.mjs';

const MODULES = join(repo, 'test/node_modules/');
const SHARED = ['@modelcontextprotocol/client', '@modelcontextprotocol/core/internal', 'eventsource',
	'eventsource-parser', 'eventsource-parser/stream', 'zod/v4', 'jose'];
/* Those that have another file for browsers. */
const FOR_BROWSERS = {
	'@modelcontextprotocol/client/_shims':
		'/modules/@modelcontextprotocol/client/dist/shimsBrowser.mjs',
	'pkce-challenge': '/modules/pkce-challenge/dist/index.browser.js',
};

const addressOf = (name) =>
	fileURLToPath(import.meta.resolve(name)).replace(MODULES, '/modules/');

/* Runs in the page. */
async function mcp(endpoint, token, mode) {
	const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
	const client = new Client({ name: 'page', version: '1' }, { versionNegotiation: { mode } });
	await client.connect(new StreamableHTTPClientTransport(new URL(endpoint),
		{ requestInit: { headers: { authorization: `Bearer ${token}` } } }));
	const { tools } = await client.listTools();
	const me = await client.callTool({ name: 'me', arguments: {} });
	const result = { era: client.getProtocolEra(), tools: tools.map(({ name }) => name),
		name: me.structuredContent.displayName };
	document.body.textContent = JSON.stringify(result);
	return result;
}

/* Runs in the page: the profile, or nothing where the person is sent away first. */
async function me(endpoint) {
	const { Client, StreamableHTTPClientTransport, UnauthorizedError } = await import('@modelcontextprotocol/client');
	const redirectUrl = `${location.origin}/oauth/callback`;
	const kept = JSON.parse(sessionStorage.kept ?? '{}');
	const keep = (name) => (value) => {
		kept[name] = value;
		sessionStorage.kept = JSON.stringify(kept);
	};
	keep('endpoint')(endpoint);
	const authProvider = { redirectUrl, clientMetadata: { client_name: 'page', redirect_uris: [redirectUrl] },
		clientInformation: () => kept.information, saveClientInformation: keep('information'),
		tokens: () => kept.tokens, saveTokens: keep('tokens'),
		codeVerifier: () => kept.verifier, saveCodeVerifier: keep('verifier'),
		discoveryState: () => kept.discovery, saveDiscoveryState: keep('discovery'),
		redirectToAuthorization: (page) => location.assign(page) };
	const client = new Client({ name: 'page', version: '1' }, { versionNegotiation: { mode: 'auto' } });
	const transport = () => new StreamableHTTPClientTransport(new URL(endpoint), { authProvider });
	const code = new URLSearchParams(location.search).get('code');
	if (code && !kept.tokens)
		await transport().finishAuth(code);
	try {
		await client.connect(transport());
	} catch (error) {
		if (error instanceof UnauthorizedError)
			return undefined;
		throw error;
	}
	const { structuredContent } = await client.callTool({ name: 'me', arguments: {} });
	document.body.textContent = JSON.stringify(structuredContent);
	return structuredContent;
}

/* Runs in the page that the person comes back to. */
const resume = () => {
	if (location.pathname === '/oauth/callback')
		window.me(JSON.parse(sessionStorage.kept).endpoint)
			.catch((error) => { document.body.textContent = `failed: ${error.stack}`; });
};

const PAGE = () => `<!doctype html><meta charset="utf-8"><title>MCP</title>
<script type="importmap">${JSON.stringify({ imports: { ...FOR_BROWSERS,
		...Object.fromEntries(SHARED.map((name) => [name, addressOf(name)])) } })}</script>
<script>window.mcp = ${mcp}; window.me = ${me};</script><body>ready<script>(${resume})()</script></body>`;

function answer({ url }, response) {
	const script = url.startsWith('/modules/') && /\.m?js$/.test(url) && !url.includes('..');
	response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
	response.end(script ? readFileSync(join(MODULES, url.slice('/modules/'.length))) : PAGE());
}

/* Serves the page under any host name: {port, stop}. */
export async function startPages() {
	const server = createServer(answer).listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { port: server.address().port,
		async stop() {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		} };
}
