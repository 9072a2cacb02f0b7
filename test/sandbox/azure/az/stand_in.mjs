#!/usr/bin/env node
/*
 * A small az for quick tests: signs in, says who and where, gives tokens and brings a package to a function
 * app, over the network as the real one does, with the real one's answers and words
 * (test/integration/real_az/ holds them equal).  Anything else it refuses.
 */
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

async function main() {
	const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
	const command = positionals.join(' ');
	if (!COMMANDS[command]) throw new Failure(`'${command}' is not one of the stand-in's commands.`, 2);
	/* Everybody on the machine reads the arguments of a program. */
	if (command !== 'login' && process.argv.some((word) => word.includes('SECRET-'))) throw new Failure('a secret among the arguments', 99);
	const answer = await COMMANDS[command](values);
	if (answer !== undefined && values.output !== 'none') console.log(JSON.stringify(answer, null, 2));
}

main().catch((error) => {
	if (!(error instanceof Failure)) throw error;
	console.error(`ERROR: ${error.message}`);
	process.exitCode = error.exitCode;
});
