/*
 * The official conformance suite, and what it found, read from the files it leaves behind.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLines } from '../sandbox/host/console.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const PROGRAM = here('../node_modules/@modelcontextprotocol/conformance/dist/index.js');
const LIMIT_MS = 300_000;

export const baselineFile = (build, version) => here(`baseline-${build}-${version}.yml`);

/* [{check: 'scenario:id', reason}] of a baseline. */
export function readBaseline(file) {
	const lines = readFileSync(file, 'utf8').split('\n').filter((line) => /^\s*-/.test(line));
	return lines.map((line) => {
		const [, check, reason] = /^ {2}- ([\w.-]+:[\w.-]+) {2}# (\S.*)$/.exec(line) ?? [];
		if (!check)
			throw new Error(`not "  - scenario:check  # reason": ${line}`);
		return { check, reason };
	});
}

/* A folder is "KIND-SCENARIO-TIME". */
function readChecks(folder) {
	return readdirSync(folder).flatMap((name) => {
		const [, scenario] = /^(?:server|authorization)-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name);
		return JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8'))
			.map(({ id, status, errorMessage }) => ({ scenario, id, status, errorMessage,
				check: `${scenario}:${id}` }));
	});
}

/* {code, output, checks: [{scenario, id, check, status, errorMessage}]}; onLine sees what is printed. */
async function run(args, onLine = () => {}) {
	const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
	const child = spawn(process.execPath, [PROGRAM, ...args, '-o', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
	const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
	const lines = [];
	for (const stream of [child.stdout, child.stderr])
		readLines(stream, (text) => { lines.push(text); onLine(text); });
	try {
		const [code] = await once(child, 'close');
		return { code, output: lines.join('\n'), checks: readChecks(folder) };
	} finally {
		clearTimeout(timer);
		rmSync(folder, { recursive: true });
	}
}

/* Runs the scenarios for a server that needs no token, or one of them. */
export const conform = ({ url, version, scenario, baseline }) =>
	run(['server', '--url', url, '--spec-version', version,
		...(scenario ? ['--scenario', scenario] : ['--suite', 'all']),
		...(baseline ? ['--expected-failures', baseline] : [])]);

/* Runs those for an authorization server; open is given the page that the suite wants opened in a
 * browser, which comes back to the port. */
export const conformAuthorization = ({ url, version, clientId, resource, port, open }) =>
	run(['authorization', '--url', url, '--spec-version', version, '--client-id', clientId,
		'--resource', resource, '--port', String(port)],
	(line) => line.startsWith(`${url}/`) && open(line));
