/*
 * The double as a command, in the manner of `func start`: prints address and functions, relays
 * the handler's lines, takes everything down on Ctrl-C.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { readSettings } from './settings.mjs';

const USAGE = `usage: node test/sandbox/host/host.mjs [--root DIR] [--mode MODE] [--port N] [--key KEY]
  --root  script root holding host.json and the function folders (default .)
  --mode  forwarding, proxying or payload (default: by host.json's flags)
  --port  port to listen on (default 7071)
  --key   function key to insist on (default: none, as under func start)`;

/* Runs until a signal; leaves with 0 after one, with 1 and a reason when it cannot start or the
 * handler is given up. */
export async function main(startHost) {
	try {
		const options = read(process.argv.slice(2));
		if (options === null) return console.log(USAGE);
		const host = await startHost({ ...options, onLine: relay, onHost: note });
		announce(host);
		const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
		const asked = Promise.race(signals.map((signal) => once(process, signal)));
		const why = await Promise.race([asked.then(() => 'asked'), host.givenUp()]);
		await host.stop();
		if (why === 'asked') process.exit(0);
		throw new Error('the handler was given up after repeated failures');
	} catch (err) {
		console.error(err.message);
		process.exit(1);
	}
}

function read(args) {
	const { values } = parseArgs({
		args,
		options: {
			root: { type: 'string', default: '.' },
			mode: { type: 'string' },
			port: { type: 'string', default: '7071' },
			key: { type: 'string' },
			help: { type: 'boolean', short: 'h' },
		},
	});
	if (values.help) return null;
	const port = Number(values.port);
	if (!Number.isInteger(port) || port < 0 || port > 65535) {
		throw new Error(`--port ${values.port} is no port number`);
	}
	const { root, mode, key: keys } = values;
	return { root, mode, port, keys, env: settings(root) };
}

/* local.settings.json's Values become environment variables; what is set already wins. */
function settings(root) {
	const { values, warnings } = readSettings(root);
	warnings.forEach(note);
	return { ...values, ...process.env };
}

function announce(host) {
	console.log(`\n${host.mode} mode, handler ${host.handlerPid} on port ${host.handlerPort}, `
		+ `ready in ${host.readyMs.toFixed(0)} ms\n\nFunctions:\n`);
	for (const { name, methods, route } of host.config.functions) {
		const list = methods?.join(',') ?? 'any method';
		const where = route ? `${host.url}/${route.template}` : 'not reachable over HTTP';
		console.log(`\t${name}: [${list}] ${where}`);
	}
	console.log('\nCtrl-C stops both.\n');
}

function relay(stream, line) {
	process[stream].write(`${line}\n`);
}

function note(text) {
	process.stderr.write(`[host] ${text}\n`);
}
