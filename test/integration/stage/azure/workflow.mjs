/*
 * GitHub's runner as far as the workflow that deploys needs it: its steps, in a copy of this repository, at a desk with a played
 * Azure.  What an action does is done here; what a step runs is run by bash.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import yaml from 'js-yaml';
import { run } from '../azure_desk.mjs';
import { repo } from '../../../sandbox/common/repo.mjs';

const REPOSITORY = 'contoso/graph-mcp';
const CLOUDS = { azurecloud: 'AzureCloud', azureusgovernment: 'AzureUSGovernment', azurechinacloud: 'AzureChinaCloud' };
const NOT_CHECKED_OUT = ['build', 'bin', 'dist', '.git'];
const WRITTEN_TO = 'apim'; /* preauth.json; what no step writes to is a link */

export const source = readFileSync(join(repo, '.github/workflows/deploy.yml'), 'utf8');
export const workflow = yaml.load(source);
export const job = workflow.jobs.deploy;
export const federation = { issuer: 'https://token.actions.githubusercontent.com', subject: `repo:${REPOSITORY}:environment:${job.environment}` };

/* A text with its expressions worked out; those that the workflow has are JavaScript's too. */
function filled(text, { vars, inputs }) {
	const known = new Proxy(vars, { get: (all, name) => all[name] ?? '' });
	return String(text).replace(/\$\{\{(.*?)\}\}/g, (_, expression) => new Function('vars', 'inputs', `return ${expression}`)(known, inputs));
}
const filledIn = (map = {}, contexts) => Object.fromEntries(Object.entries(map).map(([name, text]) => [name, filled(text, contexts)]));

const ACTIONS = {
	'actions/checkout@v4'(it) {
		mkdirSync(it.copy);
		cpSync(join(repo, WRITTEN_TO), join(it.copy, WRITTEN_TO), { recursive: true, preserveTimestamps: true });
		for (const name of readdirSync(repo)) if (![WRITTEN_TO, ...NOT_CHECKED_OUT].includes(name)) symlinkSync(join(repo, name), join(it.copy, name));
	},
	/* Signs in with the token that GitHub gives to a job which may ask for one, for the environment that it names. */
	async 'azure/login@v2'({ desk }, inputs) {
		assert.equal(workflow.permissions['id-token'], 'write', 'a job without that permission is given no token');
		const token = desk.azure.federatedToken({ iss: federation.issuer, sub: federation.subject, aud: inputs.audience });
		for (const args of [['cloud', 'set', '--name', CLOUDS[inputs.environment]],
			['login', '--service-principal', '--username', inputs['client-id'], '--tenant', inputs['tenant-id'], '--federated-token', token],
			['account', 'set', '--subscription', inputs['subscription-id']]]) {
			const { status, errors } = await desk.az(...args);
			assert.equal(status, 0, errors);
		}
	},
};

/* make, but that `make dist` puts the desk's package where the real one would be, which other tests build; and that nothing is installed: the
 * packages that the copy shares with this repository would be gone meanwhile. */
function placeMake({ file }) {
	const make = process.env.PATH.split(':').map((folder) => join(folder, 'make')).find(existsSync);
	writeFileSync(file('bin/make'), `#!/bin/sh
if [ "$1" = dist ]; then mkdir -p dist && exec cp "${file('functions.zip')}" dist/; fi
exec ${make} -o test/node_modules/.bin/node "$@"
`, { mode: 0o755 });
}

/* Runs the job with these variables of the environment and inputs: {status, output, errors, writes} of all its steps together; it stops at the one
 * that fails. */
export async function runJob(desk, { vars, inputs = { what_if: false }, name = 'checkout' }) {
	const it = { desk, copy: desk.file(name) };
	const contexts = { vars, inputs };
	placeMake(desk);
	const before = desk.azure.writes.length;
	const all = { status: 0, output: '', errors: '' };
	for (const step of job.steps) {
		if (step.uses) await ACTIONS[step.uses](it, filledIn(step.with, contexts));
		else {
			const env = { ...desk.env, ...filledIn(job.env, contexts), ...filledIn(step.env, contexts) };
			const { status, output, errors } = await run('bash', ['-e', '-c', filled(step.run, contexts)], env, it.copy);
			Object.assign(all, { status, output: all.output + output, errors: all.errors + errors });
			if (status !== 0) break;
		}
	}
	assert.doesNotMatch(all.output + all.errors, /SECRET-/, 'no log holds a secret');
	return { ...all, writes: desk.azure.writes.slice(before) };
}
