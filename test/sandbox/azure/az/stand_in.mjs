/*
 * The small az (commands.mjs) as a program, over the network as the real one is.
 *
 * A deployment calls az a dozen times, and starting Node.js for each would take longer than all the rest.  So
 * one process stays, and the program az (az.mjs) hands it its arguments: the folder it was called in and each
 * argument, ended by a NUL, after their number.  The answer is a line with the exit status, a line with the length of what
 * goes to stderr, that, and what goes to stdout.
 */
import net from 'node:net';
import { called } from './commands.mjs';

async function answer(socket, words) {
	const { status, errors, output } = await called(...words);
	socket.end(`${status}\n${errors.length}\n${errors}${output}`);
}

const server = net.createServer((socket) => {
	let received = '';
	socket.on('error', () => {}).setEncoding('utf8').on('data', (text) => {
		received += text;
		const [count, ...words] = received.split('\0');
		if (words.length > Number(count)) answer(socket, words.slice(0, -1));
	});
}).listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit()).resume(); /* of whoever started it */
