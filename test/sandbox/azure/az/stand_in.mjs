/*
 * A small az for quick tests: signs in, says who and where, gives tokens and brings a package to a function
 * app, over the network as the real one does, with the real one's answers and words
 * (test/real_az/ holds them equal).  Anything else it refuses.
 *
 * A deployment calls az a dozen times, and starting Node.js for each would take longer than all the rest.  So
 * one process stays, and the program az (az.mjs) hands it its arguments: the folder it was called in and each
 * argument, ended by a NUL, after their number.  The answer is a line with the exit status, a line with the length of what
 * goes to stderr, that, and what goes to stdout.
 */
import net from 'node:net';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { accountShown, setSubscription, signIn, tokenOf } from './sign_in.mjs';
import { cloudShown, setCloud } from './cloud.mjs';
import { Failure } from './failure.mjs';
import { deployZip } from './package.mjs';

const COMMANDS = {
	login: (options) => signIn(options),
	'account show': () => accountShown(),
	'account set': (options) => setSubscription(options),
	'account get-access-token': (options) => tokenOf(options),
	'cloud show': () => cloudShown(),
	'cloud set': ({ name }) => setCloud(name),
	'functionapp deployment source config-zip': (options) => deployZip(options),
};
const text = { type: 'string' };
const flag = { type: 'boolean' };
const OPTIONS = { output: { ...text, short: 'o' }, 'only-show-errors': flag, 'use-device-code': flag, 'service-principal': flag, username: { ...text, short: 'u' },
	password: { ...text, short: 'p' }, 'federated-token': text, tenant: { ...text, short: 't' }, resource: text, scope: text, subscription: text, name: { ...text, short: 'n' },
	'resource-group': { ...text, short: 'g' }, src: text, timeout: text };

/* {status, errors, output} of a call. */
async function called([folder, ...args]) {
	const said = [];
	try {
		const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
		const command = positionals.join(' ');
		if (!COMMANDS[command]) throw new Failure(`'${command}' is not one of the stand-in's commands.`, 2);
		/* Everybody on the machine reads the arguments of a program. */
		if (command !== 'login' && args.some((word) => word.includes('SECRET-'))) throw new Failure('a secret among the arguments', 99);
		const answer = await COMMANDS[command]({ ...values, ...(values.src && { src: resolve(folder, values.src) }), say: (line) => said.push(line) });
		return { status: 0, errors: said, output: answer !== undefined && values.output !== 'none' ? `${JSON.stringify(answer, null, 2)}\n` : '' };
	} catch (error) {
		return error instanceof Failure ? { status: error.exitCode, errors: [...said, `ERROR: ${error.message}`], output: '' }
			: { status: 1, errors: [...said, error.stack], output: '' };
	}
}

async function answer(socket, words) {
	const { status, errors, output } = await called(words);
	const text = errors.map((line) => `${line}\n`).join('');
	socket.end(`${status}\n${text.length}\n${text}${output}`);
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
