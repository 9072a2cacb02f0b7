/*
 * The official conformance suite, and what it found, read from the files it leaves behind.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { program, run, runInTurn } from '../integration/stage/programs/run.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

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
async function check(running, args, onLine) {
	const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
	try {
		const { code, out, err } = await running(program('@modelcontextprotocol/conformance', 'conformance'),
			[...args, '-o', folder], { cwd: folder, onLine });
		return { code, output: `${out}\n${err}`, checks: readChecks(folder) };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/* Runs the scenarios for a server that needs no token, or one of them.  asStarted: in a process of its own. */
export const conform = ({ url, version, scenario, baseline, asStarted }) =>
	check(asStarted ? run : runInTurn, ['server', '--url', url, '--spec-version', version,
		...(scenario ? ['--scenario', scenario] : ['--suite', 'all']),
		...(baseline ? ['--expected-failures', baseline] : [])]);

/* Runs those for an authorization server; open is given the page that the suite wants opened in a
 * browser, which comes back to the port. */
export const conformAuthorization = ({ url, version, clientId, resource, port, open }) =>
	check(run, ['authorization', '--url', url, '--spec-version', version, '--client-id', clientId,
		'--resource', resource, '--port', String(port)],
	(line) => line.startsWith(`${url}/`) && open(line));
