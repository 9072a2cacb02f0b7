/*
 * Programs called az and curl in a folder of their own, which ask this process for their answers: a
 * deployment makes some hundred calls, and starting Node.js for each would take minutes.
 */
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { azCall, curlCall, emptyState, Refused } from './azure.mjs';

/* Sends its arguments, each ended by a NUL, after their number; reads a status, a line for stderr,
 * and the rest for stdout. */
const CLIENT = (port, program) => `#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/${port}
printf '%s\\0' $(($# + 1)) ${program} "$@" >&3
IFS= read -r status <&3
IFS= read -r message <&3
cat <&3
[ -z "$message" ] || printf '%s\\n' "$message" >&2
exit "$status"
`;

function answer(stand, [program, ...argv]) {
	const call = (program === 'az' ? azCall : curlCall)(stand.state, argv);
	stand.calls.push({ program, argv, changes: call.changes });
	try {
		if (stand.fail?.test(argv.join(' ')) && stand.failTimes-- > 0) throw new Refused('(Injected) this call was told to fail');
		return `0\n\n${call.run()}`;
	} catch (error) {
		if (!(error instanceof Refused)) throw error;
		return `1\nERROR: ${error.message}\n`;
	}
}

/* {state, calls, fail, failTimes, stop}: calls: [{program, argv, changes}]; fail: a pattern of
 * calls that fail, so many times. */
export async function startAzStandIn(folder) {
	const stand = { state: emptyState(), calls: [], fail: null, failTimes: Infinity };
	const server = net.createServer((socket) => {
		let received = '';
		socket.setEncoding('utf8').on('data', (text) => {
			received += text;
			const [count, ...words] = received.split('\0');
			if (words.length > Number(count)) socket.end(answer(stand, words.slice(0, -1)));
		});
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	mkdirSync(folder, { recursive: true });
	for (const program of ['az', 'curl']) {
		writeFileSync(join(folder, program), CLIENT(server.address().port, program));
		chmodSync(join(folder, program), 0o755);
	}
	stand.stop = () => server.close();
	return stand;
}
