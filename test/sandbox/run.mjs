/*
 * What `make run` starts: the sandbox Entra and Graph, the host double and under it the handler, and a
 * page to sign in with; with --gateway also the gateway emulator before them, over the project's own policies.  Prints the
 * addresses, a user's token and the commands to try; Ctrl-C takes all of it down.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readPermissions } from '../../apim/deploy/tools.mjs';
import { MCP_CLIENT_ID } from './entra/directory.mjs';
import { startEntra } from './entra/entra.mjs';
import { startSignInPage } from './common/sign_in_page.mjs';
import { startIdentity } from './entra/federation.mjs';
import { renderPolicies, startEmulator } from './gateway/gateway.mjs';
import { startGraph } from './graph/graph.mjs';
import { startHost } from './host/host.mjs';
import { DEFAULT_CALLER } from './entra/user_tokens.mjs';

const USAGE = `usage: node test/sandbox/run.mjs [--mode MODE] [--port N] [--gateway N] [--root DIR]
  --mode     forwarding, proxying or payload (default: by host.json's flags)
  --port     port of the host double (default 7071)
  --gateway  start the gateway too, on this port; the host then wants its key
  --root     script root holding host.json and bin/handler (default .)
GRAPH_TOOLS, GRAPH_TOOLS_WRITE, CONFIRM_WRITES and WRITE_RECIPIENT_DOMAINS are the handler's.`;
const TOKEN_LIFE_S = 8 * 3600;
const LOGIN = 'https://login.microsoftonline.com';
/* Of what is set here, the handler is told this. */
const PASSED_ON = ['GRAPH_TOOLS', 'GRAPH_TOOLS_WRITE', 'CONFIRM_WRITES', 'WRITE_RECIPIENT_DOMAINS'];
const TOOLS = { GRAPH_TOOLS: '*', ...Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]]).filter(([, value]) => value)) };
const GRAPH_SCOPE = 'https://graph.microsoft.com/User.Read';

function read(args) {
	const { values } = parseArgs({
		args,
		options: {
			mode: { type: 'string' },
			port: { type: 'string', default: '7071' },
			gateway: { type: 'string' },
			root: { type: 'string', default: '.' },
			help: { type: 'boolean', short: 'h' },
		},
	});
	return values;
}

/* What the tools need of Graph, as the handler says; of a mistake in one it tells when it starts. */
function delegated(root) {
	const { stdout } = spawnSync(join(root, 'bin/handler'), ['--permissions'], { env: TOOLS, encoding: 'utf8' });
	return ['User.Read', ...readPermissions(stdout).permissions];
}

/* The handler's settings: the four that everybody fills in, the client that people sign in with, the tools, and
 * the two sandbox addresses. */
function settings(entra, graph, publicUrl) {
	return {
		MCP_CLIENT_ID,
		CLIENT_ID: entra.clientId,
		CLIENT_SECRET: entra.clientSecret,
		TENANT_ID: entra.tenantId,
		APIM_GATEWAY_URL: publicUrl,
		AUTHORITY_HOST: entra.url,
		GRAPH_BASE_URL: graph.url,
		GRAPH_SCOPE,
		...TOOLS,
	};
}

/* The gateway as it would be deployed: its managed identity proves it to Entra.  What its policies
 * say to Entra's public address goes to the sandbox. */
async function startGateway({ port, key, publicUrl, host, entra }) {
	const identity = await startIdentity({ entra });
	entra.trustFederation(identity.federation());
	const apim = mkdtempSync(join(tmpdir(), 'gateway-'));
	process.on('exit', () => rmSync(apim, { recursive: true }));
	renderPolicies({ out: apim, clients: [DEFAULT_CALLER], settings: { TENANT_ID: entra.tenantId, CLIENT_ID: entra.clientId, MCP_CLIENT_ID,
		APIM_GATEWAY_URL: publicUrl, FUNCTION_APP_URL: host.url, KEY_VAULT_URL: 'https://sandbox.vault.azure.net', GRAPH_SCOPE } });
	const gateway = await startEmulator({ apim, env: { IDENTITY: identity.header, FUNCTION_KEY: key },
		onLine: (line) => console.log(line), args: ['--port', String(port), '--backend', `functions=${host.url}`,
			'--login', entra.url, '--map', `${LOGIN}=${entra.url}`, '--identity', identity.url,
			'--identity-header', 'env:IDENTITY', '--secret', 'function-key=env:FUNCTION_KEY'] });
	return Object.assign(gateway, { close: () => Promise.all([gateway.stop(), identity.close()]) });
}

/* [what, where] of everything that listens. */
function places({ host, gateway, entra, graph }) {
	const ready = `pid ${host.handlerPid}, ready in ${host.readyMs.toFixed(0)} ms`;
	return [...(gateway ? [['gateway emulator', `${gateway.url}  (its control: ${gateway.control})`]] : []),
		['Functions host double', `${host.url}  (${host.mode} mode${gateway ? ', wants the function key' : ''})`],
		['handler', `http://127.0.0.1:${host.handlerPort}  (${ready})`],
		['sandbox Entra', entra.url], ['sandbox Graph', graph.url], ['its files', graph.downloads.url]];
}

const signIn = (url, page) => `
Or sign in as one of the sandbox's users, who have no passwords: with a client of yours, the MCP Inspector's
page, or just a browser:

claude mcp add --transport http graph ${url}/mcp
npx @modelcontextprotocol/inspector --web --transport http --server-url ${url}/mcp
${page.url}
`;

function announce({ token, page, ...all }) {
	const { url } = all.gateway ?? all.host;
	console.log(`
Running; Ctrl-C stops everything.

${places(all).map(([what, where]) => `  ${what.padEnd(21)}  ${where}`).join('\n')}

A token of the sandbox user Adele Vance, good for ${TOKEN_LIFE_S / 3600} hours:

TOKEN=${token}

Try:

curl -s '${url}/hello?name=Adele'
curl -s '${url}/echo' -H 'Content-Type: text/plain' -d 'any bytes'
curl -s '${url}/tools'
curl -s '${url}/me' -H "Authorization: Bearer $TOKEN"
curl -s '${url}/status' -H "Authorization: Bearer $TOKEN"
curl -s '${url}/mcp' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"me"}}'
${all.gateway ? `curl -si '${url}/me'
curl -s '${url}/.well-known/oauth-protected-resource/mcp'
` : ''}
Graph tools, over mail that the sandbox invented: the newest three, the three after them, and a search.

curl -s '${url}/tools/list_mail' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"limit":3}'
curl -s '${url}/tools/list_mail' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"cursor":"s.3.0.Mw"}'
curl -s '${url}/mcp' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_mail","arguments":{"search":"budget"}}}'
${signIn(url, page)}
Another user, a broken token, multi-factor wanted of a user (users: GET ${all.entra.url}/sandbox/users):

curl -s ${all.entra.url}/sandbox/token -d '{"user":"zoe"}'
curl -s ${all.entra.url}/sandbox/token -d '{"hostile":"expired"}'
curl -s ${all.entra.url}/sandbox/mfa -d '{"user":"adele"}'

With tools that write, and other mailboxes (docs/graph-tools.md, "What make run holds"):

make run GRAPH_TOOLS='*,shared,mail,calendar,teams,tasks' GRAPH_TOOLS_WRITE=true

What they wrote in the sandbox Graph and what of it was sent to people; another's mailbox shared with the user:

curl -s ${all.entra.url}/sandbox/written
curl -s ${all.entra.url}/sandbox/share -d '{"mailbox":"board@contoso.example","user":"adele","rights":{"mail":"read"}}'

The handler's log:
`);
}

function explain(err, { port, gateway }) {
	const [used, setting] = /^exit 2/.test(err.message) ? [gateway, 'GATEWAY'] : [port, 'PORT'];
	if (err.code === 'EADDRINUSE' || /in use/.test(err.message)) {
		return `Port ${used} is in use. Stop what listens there (ss -ltnp 'sport = :${used}' `
			+ `names it), or choose another: make run ${setting}=${used + 1}`;
	}
	return err.message;
}

/* Starts everything in order; each that has started is in `running`, with close(). */
async function start({ mode, root, port, gateway: gatewayPort }, running) {
	const entra = await startEntra({ delegated: delegated(root) });
	const graph = await startGraph({ entra, anchor: new Date().toISOString() });
	running.push(entra, graph);
	const key = gatewayPort && randomBytes(24).toString('base64url');
	const publicUrl = `http://127.0.0.1:${gatewayPort ?? port}`;
	const host = await startHost({ root, mode, port, env: settings(entra, graph, publicUrl), keys: key,
		onLine: (stream, line) => process[stream].write(`${line}\n`) });
	running.push({ close: () => host.stop() });
	const gateway = gatewayPort && await startGateway({ port: gatewayPort, key, publicUrl, host, entra });
	if (gateway) running.push(gateway);
	const token = await entra.mintUserToken({ user: 'adele', expiresIn: TOKEN_LIFE_S });
	const page = await startSignInPage({ endpoint: `${publicUrl}/mcp`, clientId: MCP_CLIENT_ID });
	running.push(page);
	announce({ host, gateway, entra, graph, page, token });
	return Promise.race([host.givenUp(), ...(gateway ? [gateway.ended] : [])]);
}

async function main() {
	const { help, ...given } = read(process.argv.slice(2));
	if (help) return console.log(USAGE);
	const options = { ...given, port: Number(given.port), gateway: given.gateway && Number(given.gateway) };
	const running = [];
	let status = 0;
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal));
	await Promise.race([...signals, start(options, running).catch((err) => {
		console.error(explain(err, options));
		status = 1;
	})]);
	for (const one of running.reverse()) await one.close();
	process.exit(status);
}

await main();
