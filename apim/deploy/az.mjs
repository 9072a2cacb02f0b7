/*
 * The Azure CLI, for what only it can do: say who is signed in and to which cloud, give tokens, and bring a
 * package to the function app.  Everything else is asked over HTTP (http.mjs).
 */
import { execFile } from 'node:child_process';
import { Stop } from './run.mjs';

const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;
const LIMIT_S = 120;

/* az says more than what went wrong: a line of its own, then advice. */
const ownWords = (text) => text.split('\n').map((line) => line.trim()).filter((line) => line && !/^WARNING/.test(line)).slice(0, 6).join(' ');

/* What az prints, as JSON.  Throws a Stop with its own words; limitS: when it is ended. */
export function az(args, { limitS = LIMIT_S, env = process.env } = {}) {
	const words = args.filter((word) => !word.startsWith('-')).slice(0, 4).join(' ');
	return new Promise((resolve, reject) => {
		execFile('az', [...args, '--only-show-errors', '--output', 'json'], { env, timeout: limitS * 1000, killSignal: 'SIGKILL', maxBuffer: OUTPUT_LIMIT_BYTES },
			(error, stdout, stderr) => {
				if (error?.code === 'ENOENT') return reject(new Stop('The Azure CLI (az) is not installed.', 'Install it, and sign in with az login.'));
				if (error?.killed) return reject(Object.assign(new Stop(`az ${words} did not end in ${limitS} seconds.`), { tooLong: true }));
				if (error) return reject(new Stop(`az ${words} failed: ${ownWords(stderr) || error.message.split('\n')[0]}`));
				try {
					return resolve(stdout.trim() ? JSON.parse(stdout) : undefined);
				} catch {
					return reject(new Stop(`az ${words} printed what is no JSON.`));
				}
			});
	});
}

/* A token of who is signed in: {value, endsMs}. */
export async function tokenFor(audience) {
	const { accessToken, expires_on: endsS, expiresOn } = await az(['account', 'get-access-token', '--resource', audience]);
	return { value: accessToken, endsMs: endsS ? Number(endsS) * 1000 : Date.parse(expiresOn) };
}
