/*
 * The Graph tools that are to be on.  The package's own handler is asked what they need of Microsoft Graph: it is the one that will
 * read the definitions, so that a second reading of them here could only differ.
 *
 * Leaves known.graphPermissions: names of delegated permissions.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { settingOf } from '../settings.mjs';
import { Stop } from './run.mjs';

const run = promisify(execFile);
const LIMITS = { timeout: 30_000 };
const MOST_LINES = 10;
/* What the permissions follow from. */
const DECIDING = ['GRAPH_TOOLS', 'GRAPH_TOOLS_WRITE', 'CONFIRM_WRITES', 'WRITE_RECIPIENT_DOMAINS'];
const PERMISSION = /^[A-Za-z][A-Za-z0-9.-]{0,127}$/;

export async function graphTools(it) {
	const asked = Object.fromEntries(DECIDING.map((name) => [name, settingOf(it.settings(), name)]));
	it.known.graphPermissions = [];
	if (!asked.GRAPH_TOOLS) return;
	it.run.say(`Graph tools ${asked.GRAPH_TOOLS}`);
	const { tools, permissions } = readPermissions(await askPackage(it.options.PACKAGE, asked));
	for (const [name, needs] of tools) it.run.note(`${name} needs ${needs}`);
	it.known.graphPermissions = permissions;
}

/* What the handler in a package prints with --permissions. */
async function askPackage(path, env) {
	const folder = mkdtempSync(join(tmpdir(), 'graph-tools-'));
	try {
		await run('unzip', ['-q', path, 'host.json', 'bin/handler', 'graph-tools/*', '-d', folder], LIMITS).catch((error) => {
			throw error.code === 'ENOENT' ? new Stop('unzip is not installed.', 'Install it: the Graph tools are read out of the package.')
				: new Stop(`${path} holds no handler with Graph tools.`, 'Run make dist, or leave GRAPH_TOOLS out.');
		});
		const { stdout } = await run(join(folder, 'bin/handler'), ['--permissions'], { ...LIMITS, env, cwd: folder }).catch(refused);
		return stdout;
	} finally {
		rmSync(folder, { recursive: true });
	}
}

function refused({ code, signal, stderr = '' }) {
	/* its log lines, without what stands before every one */
	const words = stderr.replace(/[^\n\x20-\x7e]/g, '?').replace(/^time=\S+ level=\w+ event=\w+ /gm, '').trim().split('\n').slice(0, MOST_LINES).join('\n');
	throw new Stop(words || `bin/handler --permissions ended with ${code ?? signal}.`,
		'Correct GRAPH_TOOLS, or the definition in graph-tools/, and run make dist again. The package\'s handler is asked, which runs on Linux on x86-64 alone: deploy from there.');
}

/* TOOL<tab>PERMISSIONS a line, an empty line, and one with all permissions. */
export function readPermissions(text) {
	const lines = text.split('\n');
	const end = lines.indexOf('');
	const tools = lines.slice(0, end).map((line) => line.split('\t'));
	const permissions = (lines[end + 1] ?? '').split(' ').filter(Boolean);
	if (end < 0 || tools.some((one) => one.length !== 2) || !permissions.every((name) => PERMISSION.test(name)))
		throw new Stop('bin/handler --permissions printed what is no list of permissions.', 'Run make dist: package and deployment are to be of one version.');
	return { tools, permissions };
}
