/*
 * What an endpoint consists of beside its row in the table, what of it is forgotten, and what can be
 * written from it.  As a program: `write` writes that, `sources` says what the compiler would miss in words
 * of its own.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual as same } from 'node:util';
import yaml from 'js-yaml';
import { ROOT, TABLE, readTable } from '../endpoint_table.mjs';

const SOURCES = 'handler/endpoints';
const CONTRACT = 'apim/openapi.yaml';
const POLICIES = 'apim/policies/operations';
const README = 'README.md';
const GOLDEN = 'test/golden';

const WRITES = '`make endpoints` writes it';
const textOf = (root, path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '');

/* All that is asked about a copy of the project, read once. */
export function look(root = ROOT) {
	const contract = yaml.load(textOf(root, CONTRACT));
	return { root, rows: readTable(root), contract, text: (path) => textOf(root, path),
		operations: Object.entries(contract.paths).flatMap(([path, item]) => Object.entries(item)
			.map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation }))) };
}

/* The tools as the program itself lists them. */
function listedTools(root) {
	const input = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n';
	const answer = execFileSync(join(root, 'bin/handler'), ['--stdio'], { input, env: {}, stdio: ['pipe', 'pipe', 'ignore'] });
	return JSON.parse(answer).result.tools;
}

/* MCP clients bring tokens, not function keys; and hear from the handler itself, by 401 or 405,
 * that there is no stream to GET and no session to DELETE. */
const ANONYMOUS = ['mcp', 'metadata', 'oauth'];
/* Below /tools are the Graph tools, each called by POST. */
const MORE_METHODS = { mcp: ['GET', 'DELETE'], tools: ['POST'] };
const SEGMENTS = [1, 2, 3, 4].map((i) => `/{path${i}:regex(^[A-Za-z0-9_-][A-Za-z0-9._~-]*$)?}`).join('');
const ROUTES = { metadata: `.well-known/{document:regex(^(oauth-protected-resource|oauth-authorization-server|openid-configuration)$)}${SEGMENTS}`,
	tools: 'tools/{name:regex(^[a-z][a-z0-9_]*$)?}',
	oauth: 'oauth/{action:regex(^(authorize|token|register)$)}' };
/* Whether a path of the contract is the row's; one row may have several, each with its own methods. */
const BELOW = { metadata: '/.well-known/', oauth: '/oauth/' };
const owns = ({ name, path: own }, path) => path === own || (BELOW[name] && path.startsWith(BELOW[name]));

/* What the Functions host lets in for a row; HEAD goes where GET goes. */
function methodsOf({ name, methods }) {
	const asked = [...methods, ...(MORE_METHODS[name] ?? [])];
	return [...asked, ...(asked.includes('GET') ? ['HEAD'] : []), 'OPTIONS'];
}

function functionOf(row) {
	const { name } = row;
	const taken = methodsOf(row).map((method) => method.toLowerCase());
	const trigger = { type: 'httpTrigger', direction: 'in', name: 'req',
		authLevel: ANONYMOUS.includes(name) ? 'anonymous' : 'function', methods: taken, route: ROUTES[name] ?? name };
	const text = JSON.stringify({ bindings: [trigger, { type: 'http', direction: 'out', name: 'res' }] }, null, 2);
	return `${text.replace(/"methods": \[[^\]]*\]/, `"methods": [${taken.map((method) => `"${method}"`).join(', ')}]`)}\n`;
}

/* README with its table of endpoints as the rows are, the answers in its own words or, of one that
 * it does not know yet, in the contract's. */
function readmeOf({ rows, operations, text }) {
	const token = { AUTH_NONE: 'no', AUTH_OPTIONAL: 'optional', AUTH_MCP: 'required', AUTH_USER: 'required' };
	const written = text(README);
	const block = written.match(/(?<=\n## Endpoints\n\n\|.*\n\|.*\n)(?:\|.*\n)*/);
	const said = new Map([...block[0].matchAll(/^\| `([^`]+)` \|[^|]*\|[^|]*\| (.*) \|$/gm)].map(([, path, answer]) => [path, answer]));
	const place = ({ path }) => ([...said.keys()].indexOf(path) + 1) || said.size + 1;
	const summary = (path) => operations.find((one) => one.path === path)?.summary ?? '';
	const lines = rows.toSorted((a, b) => place(a) - place(b)).map(({ path, methods, auth }) =>
		`| \`${path}\` | ${methods.join(', ')} | ${token[auth]} | ${said.get(path) ?? summary(path).replace(/^./, (c) => c.toLowerCase())} |\n`);
	return written.slice(0, block.index) + lines.join('') + written.slice(block.index + block[0].length);
}

/* {path: text} of the files that follow from the table. */
function follows(project) {
	return { ...Object.fromEntries(project.rows.map((row) => [`${row.name}/function.json`, functionOf(row)])),
		[README]: readmeOf(project) };
}

/* JSON Schema as OpenAPI 3.0 writes it: null is not a type there. */
function asOpenApi(schema) {
	if (Array.isArray(schema)) return schema.map(asOpenApi);
	if (schema === null || typeof schema !== 'object') return schema;
	const { anyOf, ...all } = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, asOpenApi(value)]));
	const [some, nothing, ...more] = anyOf ?? [];
	return nothing?.type === 'null' && !more.length ? { ...all, ...some, nullable: true } : { ...all, ...anyOf && { anyOf } };
}

/* What some client does not take of an input schema: Copilot CLI no object without properties, VS Code no
 * array without items, Copilot Studio no $ref and no type that is a list or a choice. */
export function inputFaults(schema, place = 'inputSchema') {
	const { type, properties, items } = schema;
	return [
		type === 'object' && !properties && `${place} is an object without properties; with none, write "properties":{}`,
		type === 'array' && !items && `${place} is an array without items`,
		Array.isArray(type) && `${place} has a list for its type; write one`,
		...['$ref', 'anyOf', 'oneOf', 'allOf'].filter((word) => word in schema).map((word) => `${place} has ${word}; write out what is meant`),
		...Object.entries(properties ?? {}).flatMap(([name, property]) => inputFaults(property, `${place}.${name}`)),
		...(items ? inputFaults(items, `${place}[]`) : []),
	].filter(Boolean);
}

const HINTS = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'];

/* The same of a whole tool.  The Inspector warns of a type that is a list in what is answered, too. */
export function toolFaults({ title, description, inputSchema, outputSchema, annotations }) {
	return [
		!title && 'has no title', !description && 'has no description',
		...HINTS.filter((hint) => typeof annotations?.[hint] !== 'boolean').map((hint) => `does not say its ${hint}`),
		JSON.stringify(outputSchema ?? {}).includes('"type":[') && 'outputSchema has a list for a type; write anyOf',
		...inputFaults(inputSchema),
	].filter(Boolean);
}

function resolve({ contract }, schema) {
	return schema?.$ref ? contract.components.schemas[schema.$ref.split('/').at(-1)] : schema;
}

const NEEDS = { AUTH_NONE: [], AUTH_OPTIONAL: [{}, { entra: [] }], AUTH_MCP: [{ entra: [] }], AUTH_USER: [{ entra: [] }] };

/* What is wrong in the contract with one row. */
function contractSays({ operations }, row) {
	const { name, path, methods, auth } = row;
	const own = operations.filter((one) => owns(row, one.path));
	if (!own.length)
		return [`has no path ${path}; add it with ${methods.join(', ').toLowerCase()}, operationId ${name} and security ${JSON.stringify(NEEDS[auth])}`];
	/* what the path really takes: another method is documented as refused */
	const taken = [...new Set(own.filter(({ responses }) => Object.keys(responses).some((status) => /^[23]/.test(status))).map(({ method }) => method))];
	return [
		!same(taken.sort(), methods.toSorted()) && `${path} takes ${taken.join(' ')}, its row ${methods.join(' ')}`,
		...own.filter(({ method }) => !methodsOf(row).includes(method))
			.map(({ method }) => `${method} ${path} is not let in by ${name}/function.json; remove it`),
		!own.every(({ security }) => same(security, NEEDS[auth])) && `security of ${path} is not ${JSON.stringify(NEEDS[auth])}, as its row has ${auth}`,
	].filter(Boolean);
}

/* Operations that nobody would find under their endpoint's name. */
function namesSay({ rows, operations }) {
	const below = (row, path) => owns(row, path) || path.startsWith(`${row.path}/`);
	return operations.filter(({ path, operationId }) => !rows.some((row) => operationId.split('-')[0] === row.name && below(row, path)))
		.map(({ path, operationId }) => `${CONTRACT}: operationId ${operationId} of ${path} does not begin with its endpoint's name; rename it`);
}

/* Answers in JSON that are not what the tool of the same name answers. */
function answersSay(project, { name, outputSchema }) {
	const wanted = asOpenApi(outputSchema);
	return project.operations.filter((one) => one.path === `/${name}`)
		.map(({ responses }) => responses['200']?.content?.['application/json']?.schema)
		.filter((schema) => schema && !same(resolve(project, schema), wanted))
		.map(() => `${CONTRACT}: the answer of /${name} is not the tool's, whose output schema in ${SOURCES}/${name}.c is ${JSON.stringify(wanted)}`);
}

/* What is wrong with the gateway's policy for one row; the metadata has others. */
function policySays({ text }, { name, auth }) {
	const path = `${POLICIES}/${name}.xml`;
	const forgets = text(path).includes('<set-header name="Authorization" exists-action="delete" />');
	const asks = text(path).includes('<include-fragment fragment-id="signed-in-user" />');
	if (name === 'metadata') return [];
	if (auth === 'AUTH_NONE' && !forgets)
		return [`${path}: has to take the token away that ${name} has no use for; \`cp ${POLICIES}/hello.xml ${path}\` makes it`];
	if (['AUTH_USER', 'AUTH_MCP'].includes(auth) && !asks)
		return [`${path}: has to check the user's token; start from \`cp ${POLICIES}/mcp.xml ${path}\` (or me.xml, which exchanges it)`];
	return auth === 'AUTH_OPTIONAL' && (forgets || asks)
		? [`${path}: is not for ${name}, whose token is the handler's to judge; remove what it does to it`] : [];
}

/* Lines that would have to be changed for each endpoint: they name most of them, or count them. */
function listsSay({ root, rows, text }) {
	const files = globSync(['README.md', 'docs/*.md', 'apim/*.{yaml,mjs}', 'handler/**/*.[ch]',
		'test/**/*.{mjs,c,h}'], { cwd: root, exclude: ['**/node_modules/**'] });
	const names = new RegExp(`[\`'"/](${rows.map(({ name }) => name).join('|')})(?![\\w./-])`, 'g');
	const counts = /\b(two|three|four|five|six|seven|eight|nine|ten|\d+) (endpoints|tools)\b|tools\.length, \d|tools \(\d/i;
	const instead = `take it from ${TABLE} (test/endpoint_table.mjs)`;
	return files.flatMap((path) => text(path).split('\n').flatMap((line, i) => [
		new Set([...line.matchAll(names)].map(([, name]) => name)).size >= 4
			&& `${path}:${i + 1}: lists the endpoints; say what they have in common, or ${instead}`,
		counts.test(line) && `${path}:${i + 1}: counts the endpoints or tools; leave the number out, or ${instead}`,
	])).filter(Boolean);
}

/* What there is of endpoints, by file, whether or not they have a row. */
function traces({ root, operations, text }) {
	const sources = readdirSync(join(root, SOURCES)).filter((file) => file.endsWith('.c')
		&& text(`${SOURCES}/${file}`).includes(`bool endpoint_${file.slice(0, -2)}(`));
	return [...globSync('*/function.json', { cwd: root }).map((path) => [path, dirname(path)]),
		...sources.map((file) => [`${SOURCES}/${file}`, file.slice(0, -2)]),
		...readdirSync(join(root, POLICIES)).map((file) => [`${POLICIES}/${file}`, file.slice(0, -4).split('-')[0]]),
		...operations.map(({ operationId }) => [`operationId ${operationId} in ${CONTRACT}`, operationId.split('-')[0]])];
}

/* What is missing of a row in the sources. */
function sourceSays({ text }, { name, isTool, symbols }) {
	const path = `${SOURCES}/${name}.c`;
	const declared = new Set(text(`${SOURCES}/endpoints.h`).match(/\w+/g));
	return [
		!text(path).includes(`bool endpoint_${name}(`) && `${path}: has to define endpoint_${name}(); hello.c shows how`,
		isTool && !text(path).includes(`const struct tool tool_${name} = {\n\t.name = "${name}"`)
			&& `${path}: has to define tool_${name}, whose name is "${name}"; hello.c shows how`,
		...symbols.filter((symbol) => !declared.has(symbol))
			.map((symbol) => `${SOURCES}/endpoints.h: does not declare ${symbol}, which ${TABLE} refers to; add it`),
	].filter(Boolean);
}

/* {rule: project -> ["file: what is wrong; what to do about it"]}; those for which nothing need be compiled,
 * as without them nothing can be: */
const SOURCE_RULES = {
	'what there is of an endpoint has a row, and rows are in order': (project) => {
		const names = project.rows.map(({ name }) => name);
		return [...traces(project).filter(([, name]) => !names.includes(name))
			.map(([path, name]) => `${TABLE}: has no row {"${name}", ...}, but there is ${path}; add the row or remove that`),
		...(same(names, names.toSorted()) ? [] : [`${TABLE}: its rows are not in the order of their names; put ${names.toSorted().join(', ')}`])];
	},
	'a row has a source file of its name, with its tool, and what it refers to is declared': (project) =>
		project.rows.flatMap((row) => sourceSays(project, row)),
};

export const RULES = { ...SOURCE_RULES,
	"the contract has each row's path, methods and need of a token": (project) =>
		project.rows.flatMap((row) => contractSays(project, row).map((what) => `${CONTRACT}: ${what}`)),
	"the contract's operations are named after their endpoint": namesSay,
	"the contract's answers are the tools' output schemas": (project) => listedTools(project.root)
		.flatMap((tool) => answersSay(project, tool)),
	'the gateway treats the token of each endpoint as its row has it': (project) => project.rows.flatMap((row) => policySays(project, row)),
	"function.json and README's table follow from the table": (project) => Object.entries(follows(project))
		.filter(([path, text]) => project.text(path) !== text)
		.map(([path]) => `${path}: ${project.text(path) ? `is not what ${TABLE} says` : 'is missing'}; ${WRITES}`),
	'what clients see of a tool is on record': ({ root, text }) => {
		const tools = listedTools(root);
		const known = tools.map(({ name }) => `tool_${name}.json`);
		const strays = readdirSync(join(root, GOLDEN)).filter((file) => file.startsWith('tool_') && !known.includes(file));
		return [...tools.filter((tool) => text(`${GOLDEN}/tool_${tool.name}.json`) !== `${JSON.stringify(tool, null, '\t')}\n`)
			.map(({ name }) => `${GOLDEN}/tool_${name}.json: is not what bin/handler lists; if that is meant, ${WRITES}`),
		...strays.map((file) => `${GOLDEN}/${file}: is of no tool that bin/handler lists; \`make endpoints\` removes it`)];
	},
	'every client takes every tool': ({ root }) => listedTools(root)
		.flatMap((tool) => toolFaults(tool).map((what) => `${SOURCES}/${tool.name}.c: tool ${tool.name} ${what}`)),
	'nothing else lists or counts the endpoints': listsSay,
};

/* All that is wrong, as lines. */
export function forgotten(root = ROOT, rules = RULES) {
	const project = look(root);
	return Object.values(rules).flatMap((rule) => rule(project));
}

function write() {
	const project = look();
	for (const [path, text] of Object.entries(follows(project)).filter(([path, text]) => project.text(path) !== text)) {
		mkdirSync(join(ROOT, dirname(path)), { recursive: true });
		writeFileSync(join(ROOT, path), text);
		console.log(`wrote ${path}`);
	}
}

function checkSources() {
	const wrong = forgotten(ROOT, SOURCE_RULES);
	for (const line of wrong) console.error(line);
	process.exitCode = wrong.length ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ({ write, sources: checkSources })[process.argv[2]]();
