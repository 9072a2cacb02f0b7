/*
 * The Azure CLI, for what only it can do: say who is signed in and to which cloud, give tokens, and bring a
 * package to the function app.  Everything else is asked over HTTP (http.mjs).
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { Stop } from './run.mjs';

const LIMIT_S = 120;

/* az says more than what went wrong: a line of its own, then advice. */
const ownWords = (text) => text.split('\n').map((line) => line.trim()).filter((line) => line && !/^WARNING/.test(line)).slice(0, 6).join(' ');

/* Runs az until it ends or has had its time: {status, stdout, stderr, tooLong}.  It is a script that starts another program, so that both
 * are ended together, also when this program is. */
function run(args, { limitS, env }) {
	return new Promise((resolve, reject) => {
		const child = spawn('az', args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
		const end = () => {
			try {
				process.kill(-child.pid, 'SIGKILL');
			} catch { /* it has ended */ }
		};
		let tooLong = false;
		const timer = setTimeout(() => {
			tooLong = true;
			end();
		}, limitS * 1000);
		process.once('exit', end);
		const texts = Promise.all([text(child.stdout), text(child.stderr)]);
		child.once('error', (error) => {
			clearTimeout(timer);
			process.off('exit', end);
			reject(error);
		});
		child.once('close', async (status) => {
			clearTimeout(timer);
			process.off('exit', end);
			const [stdout, stderr] = await texts;
			resolve({ status, stdout, stderr, tooLong });
		});
	});
}

function parsed(stdout, words) {
	try {
		return stdout.trim() ? JSON.parse(stdout) : undefined;
	} catch {
		throw new Stop(`az ${words} printed what is no JSON.`);
	}
}

/* What az prints, as JSON.  Throws a Stop with its own words; limitS: when it is ended. */
export async function az(args, { limitS = LIMIT_S, env = process.env } = {}) {
	const words = args.filter((word) => !word.startsWith('-')).slice(0, 4).join(' ');
	const { status, stdout, stderr, tooLong } = await run([...args, '--only-show-errors', '--output', 'json'], { limitS, env }).catch((error) => {
		throw error.code === 'ENOENT' ? new Stop('The Azure CLI (az) is not installed.', 'Install it, and sign in with az login.') : error;
	});
	if (tooLong) throw new Stop(`az ${words} did not end in ${limitS} seconds.`);
	if (status !== 0) throw new Stop(`az ${words} failed: ${ownWords(stderr) || `status ${status}`}`);
	return parsed(stdout, words);
}

/* A token of who is signed in: {value, endsMs}. */
export async function tokenFor(audience) {
	const { accessToken, expires_on: endsS, expiresOn } = await az(['account', 'get-access-token', '--resource', audience]);
	return { value: accessToken, endsMs: endsS ? Number(endsS) * 1000 : Date.parse(expiresOn) };
}
