/*
 * What `make run` starts: the sandbox Entra and Graph, the host double and under it the handler.
 * Prints the addresses, a user's token and the commands to try; Ctrl-C takes all of it down.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startEntra } from './entra.mjs';
import { startGraph } from './graph.mjs';
import { startHost } from './host.mjs';

const USAGE = `usage: node test/sandbox/run.mjs [--mode MODE] [--port N] [--root DIR]
  --mode  forwarding, proxying or payload (default: by host.json's flags)
  --port  port of the host double (default 7071)
  --root  script root holding host.json and bin/handler (default .)`;
const TOKEN_LIFE_S = 8 * 3600;

function read(args) {
	const { values } = parseArgs({
		args,
		options: {
			mode: { type: 'string' },
			port: { type: 'string', default: '7071' },
			root: { type: 'string', default: '.' },
			help: { type: 'boolean', short: 'h' },
		},
	});
	return values;
}

/* The handler's settings: the four that everybody fills in, and the two sandbox addresses. */
function settings(entra, graph, port) {
	return {
		CLIENT_ID: entra.clientId,
		CLIENT_SECRET: entra.clientSecret,
		TENANT_ID: entra.tenantId,
		APIM_GATEWAY_URL: `http://127.0.0.1:${port}`,
		AUTHORITY_HOST: entra.url,
		GRAPH_BASE_URL: graph.url,
		GRAPH_SCOPE: 'https://graph.microsoft.com/User.Read',
	};
}

function announce({ host, entra, graph, token }) {
	console.log(`
Running; Ctrl-C stops everything.

  Functions host double  ${host.url}  (${host.mode} mode)
  handler                http://127.0.0.1:${host.handlerPort}  (pid ${host.handlerPid}, \
ready in ${host.readyMs.toFixed(0)} ms)
  sandbox Entra          ${entra.url}
  sandbox Graph          ${graph.url}

A token of the sandbox user Adele Vance, good for ${TOKEN_LIFE_S / 3600} hours:

TOKEN=${token}

Try:

curl -s '${host.url}/hello?name=Adele'
curl -s '${host.url}/echo' -H 'Content-Type: text/plain' -d 'any bytes'
curl -s '${host.url}/tools'
curl -s '${host.url}/me' -H "Authorization: Bearer $TOKEN"
curl -s '${host.url}/status' -H "Authorization: Bearer $TOKEN"
curl -s '${host.url}/mcp' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"me"}}'

Another user or a broken token (users: GET ${entra.url}/sandbox/users):

curl -s ${entra.url}/sandbox/token -d '{"user":"zoe"}'
curl -s ${entra.url}/sandbox/token -d '{"hostile":"expired"}'

The handler's log:
`);
}

function explain(err, port) {
	if (err.code === 'EADDRINUSE' || /in use/.test(err.message)) {
		return `Port ${port} is in use. Stop what listens there (ss -ltnp 'sport = :${port}' `
			+ `names it), or choose another: make run PORT=${port + 1}`;
	}
	return err.message;
}

async function main() {
	const options = read(process.argv.slice(2));
	if (options.help) return console.log(USAGE);
	const port = Number(options.port);
	const entra = await startEntra({});
	const graph = await startGraph({ entra });
	let host;
	try {
		const env = settings(entra, graph, port);
		host = await startHost({ root: options.root, mode: options.mode, port, env,
			onLine: (stream, line) => process[stream].write(`${line}\n`) });
	} catch (err) {
		console.error(explain(err, port));
		process.exit(1);
	}
	const token = await entra.mintUserToken({ user: 'adele', expiresIn: TOKEN_LIFE_S });
	announce({ host, entra, graph, token });
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
	await Promise.race([...signals.map((signal) => once(process, signal)), host.givenUp()]);
	await host.stop();
	await Promise.all([graph.close(), entra.close()]);
	process.exit(0);
}

await main();
