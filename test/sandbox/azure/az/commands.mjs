/*
 * A small az for quick tests: signs in, says who and where, gives tokens and brings a package to a function
 * app, with the real one's answers and words (test/real_az/ holds them equal).  Anything else it refuses.
 */
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

/* What a call prints on stdout; say: one line on stderr. */
async function printed(folder, args, say) {
	const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
	const command = positionals.join(' ');
	if (!COMMANDS[command]) throw new Failure(`'${command}' is not one of the stand-in's commands.`, 2);
	/* Everybody on the machine reads the arguments of a program. */
	if (command !== 'login' && args.some((word) => word.includes('SECRET-'))) throw new Failure('a secret among the arguments', 99);
	const answer = await COMMANDS[command]({ ...values, ...(values.src && { src: resolve(folder, values.src) }), say });
	return answer !== undefined && values.output !== 'none' ? `${JSON.stringify(answer, null, 2)}\n` : '';
}

/* {status, errors, output} of a call with these arguments in a folder. */
export async function called(folder, ...args) {
	const it = { status: 0, errors: '', output: '' };
	const say = (line) => { it.errors += `${line}\n`; };
	try {
		it.output = await printed(folder, args, say);
	} catch (error) {
		say(error instanceof Failure ? `ERROR: ${error.message}` : error.stack);
		it.status = error instanceof Failure ? error.exitCode : 1;
	}
	return it;
}
