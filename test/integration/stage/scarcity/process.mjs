/*
 * A process that has little of something: how it is started so, and what the system says of it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { binary, until } from '../fixture.mjs';

/* Debian's libraries or those of the zip, of which civetweb is a patched one. */
export const hasSharedLibraries = readFileSync(binary).includes('libcivetweb.so');

/* For startAlone: limits as prlimit takes them, {nofile: '64:64'}. */
export const limitedTo = (limits) => ['prlimit', ...Object.entries(limits).map(([name, value]) => `--${name}=${value}`), '--'];

export const openFiles = (pid) => readdirSync(`/proc/${pid}/fd`).length;

/* Lets a running process open so many more files.  Returns what takes that back. */
export function leaveOpen(pid, left) {
	const taken = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
	let limit = 0;
	for (let free = 0; free < left || taken.has(limit); limit++)
		free += Number(!taken.has(limit));
	const [, before] = /^Max open files +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'));
	const setTo = (soft) => execFileSync('prlimit', [`--nofile=${soft}:`, '--pid', String(pid)]);
	setTo(limit);
	return () => setTo(before);
}

export const threadsOf = (pid) => readdirSync(`/proc/${pid}/task`).length;

/* So far, in milliseconds, of all its threads. */
export function cpuMs(pid) {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
	return (Number(fields[11]) + Number(fields[12])) * 10;
}

const WATCHED_MS = 1000;
const NEXT_TO_NOTHING_MS = 20;

/* Waits for a second in which it does nothing, which one that spins never has. */
export async function untilCalm(pid) {
	await until(async function isCalm() {
		const before = cpuMs(pid);
		await delay(WATCHED_MS);
		return cpuMs(pid) - before <= NEXT_TO_NOTHING_MS;
	}, { limitMs: 12_000 });
}
