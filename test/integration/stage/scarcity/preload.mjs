/* What is loaded before a program's libraries, to stand between it and them: only where it has shared ones. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { hasSharedLibraries } from './process.mjs';

/* For a test's options. */
export const unlessShared = hasSharedLibraries ? false : 'a program without shared libraries loads none before them';

const folder = mkdtempSync(join(tmpdir(), 'preload-'));
after(() => rmSync(folder, { recursive: true }));

/* The path of a file of that name in a folder that goes with the tests. */
export const scratch = (name) => join(folder, name);

/* Compiles a source of this folder: its library's path. */
export function preload(name) {
	const library = scratch(`${name}.so`);
	execFileSync('cc', ['-shared', '-fPIC', '-O1', '-D_GNU_SOURCE', '-o', library, join(import.meta.dirname, `${name}.c`)]);
	return library;
}

/* A number that a running program sees: {file, set(number)}. */
function shownNumber() {
	const file = scratch(`number-${process.hrtime.bigint()}`);
	const set = (number) => {
		const bytes = Buffer.alloc(8);
		bytes.writeBigInt64LE(BigInt(number));
		writeFileSync(file, bytes, { flag: 'r+' });
	};
	writeFileSync(file, Buffer.alloc(8));
	return { file, set };
}

/* {env for the handler, set(seconds): the wall clock is so far ahead from here on}. */
export function wrongClock(library) {
	const { file, set } = shownNumber();
	return { env: { LD_PRELOAD: library, CLOCK_AHEAD_FILE: file }, set };
}

/* {env for the handler, set(bytes): no more in one piece from here on; 0: as much as there is}. */
export function littleMemory(library) {
	const { file, set } = shownNumber();
	return { env: { LD_PRELOAD: library, BLOCK_MAX_FILE: file }, set };
}
