/*
 * What the tests of the deployment stand on: a desk in a folder of its own with az, somebody signed in to a played Azure,
 * and a package.  A program of apim/deploy/ is run there as make runs it; every call that it makes is seen.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { text } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { startAzure } from '../../sandbox/azure/azure.mjs';
import { LOGINS, placeAz } from '../../sandbox/azure/az/az.mjs';
import { repo } from './fixture.mjs';

export const PREAUTH = join(repo, 'apim/preauth.example.json');

/* A zip archive of files that are not compressed (APPNOTE 4.3.7, 4.3.12, 4.3.16). */
export function zipOf(files) {
	const locals = [];
	const entries = [];
	let at = 0;
	for (const [name, content] of Object.entries(files)) {
		const [path, bytes] = [Buffer.from(name), Buffer.from(content)];
		const common = Buffer.alloc(26);
		common.writeUInt16LE(20, 0);
		common.writeUInt16LE(0x21, 8); /* the first of January 1980 */
		common.writeUInt32LE(crc32(bytes), 10);
		common.writeUInt32LE(bytes.length, 14);
		common.writeUInt32LE(bytes.length, 18);
		common.writeUInt16LE(path.length, 22);
		const tail = Buffer.alloc(14);
		tail.writeUInt32LE(at, 10);
		locals.push(Buffer.from('PK\x03\x04'), common, path, bytes);
		entries.push(Buffer.from('PK\x01\x02\x14\x00'), common, tail, path);
		at += 30 + path.length + bytes.length;
	}
	const end = Buffer.alloc(18);
	const directory = Buffer.concat(entries);
	for (const offset of [4, 6]) end.writeUInt16LE(Object.keys(files).length, offset);
	end.writeUInt32LE(directory.length, 8);
	end.writeUInt32LE(at, 12);
	return Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06'), end]);
}

export async function run(command, args, env, cwd) {
	const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
	const [output, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
	return { status, output, errors };
}

/* The files below a folder whose text holds a secret of the double. */
const telling = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).map(({ parentPath, name }) => join(parentPath, name))
	.filter((path) => readFileSync(path, 'latin1').includes('SECRET-'));

/* {azure, env, file(name): a path in its folder, az(...args), deploy(env, ...args), run(program, env, ...args): one of apim/deploy/}.  options: az ('stand-in' or
 * 'real'), login ('user', 'secret', 'federated', 'nobody'), cloud, and what startAzure takes; the subscription is a new one. */
export async function desk(t, { az: which = 'stand-in', login = 'user', cloud, ...options } = {}) {
	const folder = mkdtempSync(join(tmpdir(), 'desk-'));
	const file = (name) => join(folder, name);
	const azure = await startAzure({ registered: [], ...options });
	for (const name of ['tmp', 'home', 'work']) mkdirSync(file(name));
	const placed = await placeAz(file('bin'), which, azure.env(file('home')));
	t.after(async () => {
		placed.stop();
		await azure.close();
		rmSync(folder, { recursive: true });
	});
	writeFileSync(file('functions.zip'), zipOf({ 'host.json': '{"version": "2.0"}', 'hello/function.json': '{"bindings": []}', 'bin/handler': 'a handler' }));
	const env = { PATH: `${file('bin')}:${process.env.PATH}`, HOME: file('home'), TMPDIR: file('tmp'), ...azure.env(file('home')) };
	const az = (...args) => run(file('bin/az'), args, env);
	for (const args of [cloud && ['cloud', 'set', '--name', cloud], LOGINS[login]?.(azure)].filter(Boolean)) {
		const { status, errors } = await az(...args);
		assert.equal(status, 0, errors);
	}
	async function runProgram(program, more = {}, ...args) {
		const [calls, writes] = [azure.calls.length, azure.writes.length];
		const result = await run(process.execPath, [join(repo, 'apim/deploy', program), ...args], { ...env, RG: 'rg-test', LOCATION: 'westeurope', TRIES: '4', WAIT_S: '0',
			PREAUTH, PACKAGE: file('functions.zip'), RENDERED: file('work/rendered'), ...more });
		assert.deepEqual(readdirSync(file('tmp')), [], 'nothing is left in the temporary folder');
		assert.deepEqual(telling(file('work')), [], 'no file that stays holds a secret');
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
