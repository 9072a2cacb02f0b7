/*
 * The official conformance suite against a server that needs no token, and what it found, read from
 * the files it leaves behind.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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

/* A folder is "server-SCENARIO-TIME". */
function readChecks(folder) {
	return readdirSync(folder).flatMap((name) => {
		const [, scenario] = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name);
		return JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8'))
			.map(({ id, status, errorMessage }) => ({ scenario, id, status, errorMessage,
				check: `${scenario}:${id}` }));
	});
}

/* Runs the suite: {code, output, checks: [{scenario, id, check, status, errorMessage}]}. */
export async function conform({ url, version, scenario, baseline }) {
	const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
	const args = [PROGRAM, 'server', '--url', url, '--spec-version', version, '-o', folder,
		...(scenario ? ['--scenario', scenario] : ['--suite', 'all']),
		...(baseline ? ['--expected-failures', baseline] : [])];
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
	const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
	const output = [child.stdout, child.stderr].map((stream) => stream.toArray());
	try {
		const [code] = await once(child, 'close');
		const bytes = await Promise.all(output);
		return { code, output: Buffer.concat(bytes.flat()).toString(), checks: readChecks(folder) };
	} finally {
		clearTimeout(timer);
		rmSync(folder, { recursive: true });
	}
}
