/*
 * The clients of other ecosystems, and the programs that they are in.  Each program takes a task as its
 * one argument, {endpoint, issuer, kind, id, port} in JSON, connects, and says a line of JSON for
 *   {"open": URL}       the person is to visit this, and is waited for at localhost:port/callback,
 *   {"me": profile}     what me answered; it is called once for each line of standard input,
 *   {"failed": text}    why it gives up.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { install } from '../installed.mjs';
import { repo } from '../integration/stage/fixture.mjs';

const GIVEN = 'given';
const CIMD = 'cimd';
const REGISTERED = 'registered';
const ALL = [GIVEN, CIMD, REGISTERED];

const nice = (...command) => ['nice', command];

/* fetches: what needs the toolchain and its registry; builds: what needs only what was fetched. */
const PROGRAMS = {
	python: { pins: 'requirements.txt',
		fetches: [nice('python3', '-m', 'venv', 'venv'), nice('venv/bin/pip', 'install', '--quiet', '-r', 'requirements.txt')],
		builds: [] },
	'go-sdk': { pins: 'go.mod', fetches: [nice('go', 'mod', 'download')],
		builds: [nice('go', 'build', '-p', '1', '-o', 'client', '.')] },
	'mcp-go': { pins: 'go.mod', fetches: [nice('go', 'mod', 'download')],
		builds: [nice('go', 'build', '-p', '1', '-o', 'client', '.')] },
	rmcp: { pins: 'Cargo.toml', fetches: [nice('cargo', 'fetch', '--locked')],
		builds: [nice('cargo', 'build', '--locked', '--offline', '--jobs', '1')] },
};

const python = (file) => ({ program: 'python', command: ['venv/bin/python', file] });

/* life_s: of the tokens that it is given, so that it holds each to be good at first, and soon not any more.
 * The Go SDK gives one up 10 s before its end. */
export const CLIENTS = [
	{ name: 'Python SDK', ...python('official_sdk.py'), pin: /^mcp==(.*)$/m, kinds: ALL, life_s: 4 },
	{ name: 'FastMCP', ...python('fastmcp_client.py'), pin: /^fastmcp==(.*)$/m, kinds: ALL, life_s: 4 },
	{ name: 'pydantic-ai', ...python('pydantic_ai_toolset.py'), pin: /^pydantic-ai-slim\S*==(.*)$/m, kinds: ALL, life_s: 4 },
	{ name: 'Go SDK', program: 'go-sdk', command: ['./client'], pin: /go-sdk v(.*)$/m, kinds: ALL, life_s: 14 },
	{ name: 'mcp-go', program: 'mcp-go', command: ['./client'], pin: /mcp-go v(.*)$/m, kinds: [GIVEN, REGISTERED], life_s: 4 },
	{ name: 'rmcp', program: 'rmcp', command: ['target/debug/client'], pin: /^rmcp = .*?"=([^"]*)"/m, kinds: ALL, life_s: 4 },
];

const sourceOf = ({ program }) => join(repo, 'test/interop/programs', program);
export const folderOf = ({ program }) => join(repo, 'build/interop', program);
export const versionOf = (client) =>
	client.pin.exec(readFileSync(join(sourceOf(client), PROGRAMS[client.program].pins), 'utf8'))[1];

/* Builds it where it is not: undefined, or {skipped} with the reason where this machine has no toolchain or
 * reaches no registry, or {failed}. */
export async function prepare(client) {
	const { fetches, builds } = PROGRAMS[client.program];
	try {
		await install({ source: sourceOf(client), folder: folderOf(client), steps: [...fetches, ...builds] });
		return undefined;
	} catch ({ message, step }) {
		return builds.includes(step) ? { failed: message } : { skipped: message };
	}
}
