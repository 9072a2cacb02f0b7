/*
 * A home for programs that keep their tokens in files, and the person who visits the page that they name.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Person } from '../person.mjs';
import { run, runInTurn, toStart } from './run.mjs';

const TOKEN = /\bey[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;
const LIMIT_MS = 90_000; /* for a program, on a busy machine */
const AUTHORIZE = /\bhttps?:\/\/\S+\/oauth\/authorize\?\S+/;

/* The person visits what a program says. */
export function visit(line) {
	const [page] = line.match(AUTHORIZE) ?? [];
	if (page)
		new Person().signInAndReturn(page);
}

/* A home for programs that keep their tokens in files: {path, env, call, age, remove}. */
export function home() {
	const path = mkdtempSync(join(tmpdir(), 'client-'));
	const env = { ...toStart(), HOME: path, BROWSER: 'true' }; /* which does nothing */
	return { path, env,
		/* Runs a script to its end, as it is started or in turn: what it wrote to its standard output. */
		async call(script, args, { asStarted, env: more }) {
			const { code, out, err } = await (asStarted ? run : runInTurn)(script, args,
				{ cwd: path, env: { ...env, ...more }, limitMs: LIMIT_MS, onLine: visit });
			assert.equal(code, 0, `${out}\n${err}`);
			return out;
		},
		/* Changes the access token, in whichever file it is. */
		async age(change) {
			const files = readdirSync(path, { recursive: true, withFileTypes: true })
				.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
			const file = files.find((one) => TOKEN.test(readFileSync(one, 'utf8')));
			assert.ok(file, `no token in ${files}`);
			const text = readFileSync(file, 'utf8');
			const [token] = text.match(TOKEN);
			writeFileSync(file, text.replaceAll(token, await change(token)));
		},
		remove: () => rmSync(path, { recursive: true, maxRetries: 20, retryDelay: 50 }) };
}
