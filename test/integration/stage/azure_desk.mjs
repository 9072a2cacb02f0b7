/*
 * What the tests of the deployment stand on: a desk in a folder of its own with az, somebody signed in to a played Azure,
 * and a package.  A program of apim/deploy/ is run there, in a thread that others ran in before, or as make runs it; every call that it makes is seen.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before } from 'node:test';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startAzure } from '../../sandbox/azure/azure.mjs';
import { LOGINS, placeAz } from '../../sandbox/azure/az/az.mjs';
import { runThread } from './azure/thread.mjs';
import { repo } from '../../sandbox/common/repo.mjs';

const AZ = fileURLToPath(new URL('azure/az_program.mjs', import.meta.url));
export const PREAUTH = join(repo, 'apim/preauth.example.json');

/* Packs a folder into a zip archive at a path. */
export const packFolder = (folder, path) => execFileSync('zip', ['-q', '-r', '-D', path, '.'], { cwd: folder });

/* The bytes of a zip archive of {name: content}. */
export function zipOf(files) {
	const folder = mkdtempSync(join(tmpdir(), 'zip-'));
	try {
		for (const [name, content] of Object.entries(files)) {
			const path = join(folder, 'root', name);
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(path, content, { mode: name.startsWith('bin/') ? 0o755 : 0o644 });
		}
		packFolder(join(folder, 'root'), join(folder, 'package.zip'));
		return readFileSync(join(folder, 'package.zip'));
	} finally {
		rmSync(folder, { recursive: true });
	}
}

export async function run(command, args, env, cwd) {
	const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
	const [output, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
	return { status, output, errors };
}

/* The files below a folder, az's own aside, whose text holds a secret of the double. */
const telling = (folder, azs) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).map(({ parentPath, name }) => join(parentPath, name))
	.filter((path) => !path.startsWith(azs) && readFileSync(path, 'latin1').includes('SECRET-'));

/* {azure, env, file(name): a path in its folder, az(...args), deploy(env, ...args), run(program, env, ...args): one of apim/deploy/}.  options: az ('stand-in' or
 * 'real'), login ('user', 'secret', 'federated', 'nobody'), cloud, network (true: programs and the small az are processes that reach Azure by the network; else a thread, which costs
 * less than half of that), and what startAzure takes; the subscription is a new one. */
export async function desk(t, { az: which = 'stand-in', login = 'user', cloud, network = which === 'real', ...options } = {}) {
	const folder = mkdtempSync(join(tmpdir(), 'desk-'));
	const file = (name) => join(folder, name);
	const azure = await startAzure({ registered: [], ...options });
	for (const name of ['tmp', 'home']) mkdirSync(file(name));
	const placed = network ? await placeAz(file('bin'), which, azure.env(file('home'))) : undefined;
	t.after(async () => {
		placed?.stop();
		await azure.close();
		rmSync(folder, { recursive: true });
	});
	writeFileSync(file('functions.zip'), zipOf({ 'host.json': '{"version": "2.0"}', 'hello/function.json': '{"bindings": []}', 'bin/handler': 'a handler' }));
	const env = { PATH: `${file('bin')}:${process.env.PATH}`, HOME: file('home'), TMPDIR: file('tmp'), ...azure.env(file('home')) };
	const az = (...args) => (network ? run(file('bin/az'), args, env) : runThread(azure, AZ, args, env));
	for (const args of [cloud && ['cloud', 'set', '--name', cloud], LOGINS[login]?.(azure)].filter(Boolean)) {
		const { status, errors } = await az(...args);
		assert.equal(status, 0, errors);
	}
	async function runProgram(program, more = {}, ...args) {
		const [calls, writes] = [azure.calls.length, azure.writes.length];
		const [path, all] = [join(repo, 'apim/deploy', program), { ...env, RG: 'rg-test', LOCATION: 'westeurope', TRIES: '4', WAIT_S: '0', PREAUTH, PACKAGE: file('functions.zip'), ...more }];
		const result = network ? await run(process.execPath, [path, ...args], all) : await runThread(azure, path, args, all);
		assert.deepEqual(readdirSync(file('tmp')), [], 'nothing is left in the temporary folder');
		assert.deepEqual(telling(file('home'), env.AZURE_CONFIG_DIR), [], 'no file that stays holds a secret');
		assert.doesNotMatch(result.output + result.errors, /SECRET-/, 'no text holds a secret');
		return { ...result, calls: azure.calls.slice(calls), writes: azure.writes.slice(writes) };
	}
	return { azure, env, file, az, run: runProgram, deploy: (more, ...args) => runProgram('deploy.mjs', more, ...args) };
}

/* What make(t) gives, for all tests of a suite, in their order: there once the first of them begins. */
export function shared(make) {
	const [it, ends] = [{}, []];
	before(async () => Object.assign(it, await make({ after: (end) => ends.push(end) })));
	after(async () => { for (const end of ends) await end(); });
	return it;
}
