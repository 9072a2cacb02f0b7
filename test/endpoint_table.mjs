/*
 * The table of endpoints as handler/endpoints/table.c has it.  What lists endpoints, tests too, asks
 * here, so that one more is a row more and nothing else.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
export const TABLE = 'handler/endpoints/table.c';

/* Of those that are not reached by their name alone. */
const PATHS = { metadata: '/.well-known/oauth-protected-resource', oauth: '/oauth/authorize' };

/* [{name, path, methods, auth, isTool, symbols}], in the table's order; symbols are what the row refers to. */
export function readTable(root = ROOT) {
	const row = /^\t\{"([a-z][a-z0-9_]*)", "([A-Z ]+)", (AUTH_\w+),([^}]*)\}/gm;
	return [...readFileSync(join(root, TABLE), 'utf8').matchAll(row)].map(([, name, methods, auth, rest]) => ({
		name, path: PATHS[name] ?? `/${name}`,
		methods: methods.split(' '), auth, isTool: /\.tool = &/.test(rest),
		symbols: [...rest.matchAll(/= &?(?!true\b)(\w+)/g)].map(([, symbol]) => symbol) }));
}

/* Those that are reached with the function key, by GET. */
export const keyed = () => readTable()
	.filter(({ name, methods }) => !['mcp', 'metadata', 'oauth'].includes(name) && methods.includes('GET'));

export const TOOLS = readTable().filter(({ isTool }) => isTool).map(({ name }) => name);

/* That a list of tools, or of their names, has those of the table in its order, and no other. */
export function assertAllTools(tools) {
	const listed = tools.map((tool) => tool.name ?? tool);
	assert.equal(listed.join(' '), TOOLS.join(' '), `listed are ${listed.join(' ')}, but the tools in ${TABLE} are ${TOOLS.join(' ')}`);
}
