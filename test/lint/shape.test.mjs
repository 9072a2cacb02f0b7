/* The shape of the handler: which file needs which, and what an endpoint gets to see. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { circles, needsOf } from './circles.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const OBJECTS = join(ROOT, 'build/release/obj');

/* {a: {b: 'f'}}: a needs f of b. */
const needs = (graph) => Object.fromEntries(Object.entries(graph)
	.map(([file, others]) => [file, new Map(Object.entries(others).map(([other, name]) => [other, [name]]))]));

test('a circle is told by its files and by what they need of each other', () => {
	assert.deepEqual(circles(needs({ a: { b: 'f' }, b: { a: 'g' }, c: { a: 'h' } })),
		['a needs f of b, b needs g of a']);
	assert.deepEqual(circles(needs({ a: { b: 'f' }, b: { c: 'g' }, c: { a: 'h' }, d: { e: 'i' }, e: { d: 'j' } })),
		['a needs f of b, b needs g of c, c needs h of a', 'd needs i of e, e needs j of d']);
	assert.deepEqual(circles(needs({ a: { b: 'f', c: 'g' }, b: { c: 'g' }, c: {} })), []);
});

/* What the handler's object files need of each other, and a text about them with the sources' names. */
const sources = readdirSync(join(ROOT, 'handler'), { recursive: true }).filter((path) => path.endsWith('.c'));
const handler = needsOf(sources.map((path) => join(OBJECTS, 'handler', path.replace(/c$/, 'o'))));
const named = (text) => text.replaceAll(`${OBJECTS}/`, '').replaceAll(/\.o\b/g, '.c');

test("no two of the handler's source files need each other", () => {
	const found = circles(handler).map(named);
	assert.ok(!found.length, `break the circle by what both need, in a file of its own:\n${found.join('\n')}`);
});

/* The text of the handler's files with that ending. */
const texts = (ending) => readdirSync(join(ROOT, 'handler'), { recursive: true })
	.filter((path) => path.endsWith(ending)).map((path) => readFileSync(join(ROOT, 'handler', path), 'utf8')).join('\n');
const headers = texts('.h');
const structure = (name) => headers.match(new RegExp(`^struct ${name} \\{\n[^]*?^\\};`, 'm'))[0];

/* Of its members that are no structs themselves. */
const members = (text) => text.replaceAll(/\/\*[^]*?\*\//g, '').split('\n').slice(1)
	.map((line) => line.match(/\(\*(\w+)\)|(\w+)(\[\w+\])?;/)).filter(Boolean).map(([, call, name]) => call ?? name);

test('an endpoint that answers a call cannot tell what brought it', () => {
	const telling = structure('call').match(/^\t.*(request \*|response|as_tool|transport|exchange|mcp).*;/gm);
	assert.equal(telling, null, `struct call is every transport's; of one are:\n${telling?.join('\n')}`);
});

test('every call is authenticated on one path', () => {
	const users = (name) => Object.entries(handler).filter(([, needs]) => [...needs.values()].flat().includes(name))
		.map(([object]) => named(object));
	assert.deepEqual(users('caller_check'), ['handler/endpoints/authenticate.c']);
	assert.deepEqual(users('authenticate'), ['handler/endpoints/run.c']);
});

test("the service's state is an enum, not which of its pointers are NULL", () => {
	const optional = ['service', 'sign_in', 'upstreams'].flatMap((name) => structure(name).match(/^.*\bNULL\b.*$/gm) ?? []);
	assert.deepEqual(optional, []);
});

test('an option that no part of the handler sets, and news that none reads, is not there', () => {
	const code = texts('.c');
	const options = [...headers.matchAll(/^struct (\w+_options) \{/gm)].map(([, name]) => name);
	assert.ok(options.length >= 3);
	const filled = (name) => code.match(new RegExp(`struct ${name} options = \\{[^]*?^\\}`, 'm'))[0];
	const idle = [...options.flatMap((name) => members(structure(name))
		.filter((member) => !new RegExp(`\\.${member}( = |\\+\\+)`).test(filled(name)))
		.map((member) => `${name}.${member} is not set`)),
	...members(structure('tool_call')).filter((member) => !code.includes(`asked->${member}`))
		.map((member) => `tool_call.${member} is not read`)];
	assert.deepEqual(idle, []);
});

test('what a file of the protocol shares, another file of the handler needs', () => {
	const objects = sources.filter((path) => path.startsWith('mcp/')).map((path) => join(OBJECTS, 'handler', path.replace(/c$/, 'o')));
	const shared = execFileSync('nm', ['-g', '--defined-only', '-P', ...objects], { encoding: 'utf8' })
		.split('\n').filter((line) => line && !line.endsWith(':')).map((line) => line.split(' ')[0]);
	const needed = new Set(Object.values(handler).flatMap((others) => [...others.values()].flat()));
	assert.ok(shared.length > 40);
	assert.deepEqual(shared.filter((name) => !needed.has(name)), []);
});

test('what every result of the modern era has is written in one place', () => {
	const functions = (file) => [...readFileSync(join(ROOT, 'handler/mcp', file), 'utf8')
		.matchAll(/^\w.*?(\w+)\([^;{]*\)\n\{\n[^]*?^\}/gm)];
	const writers = readdirSync(join(ROOT, 'handler/mcp')).filter((file) => file.endsWith('.c'))
		.flatMap((file) => functions(file).filter(([text]) => text.includes('resultType')).map(([, name]) => `${file}: ${name}`));
	assert.deepEqual(writers, ['turn.c: turn_open']);
});

test('text becomes a tree by json_parse alone, and a tree text by json_print', () => {
	const others = sources.filter((path) => path !== 'base/json.c')
		.filter((path) => /cJSON_(Parse|Print)/.test(readFileSync(join(ROOT, 'handler', path), 'utf8')));
	assert.deepEqual(others, []);
});

test('a file reads JSON as spans or as trees, or its header says why both', () => {
	const code = (path) => readFileSync(join(ROOT, 'handler', path), 'utf8');
	const silent = sources.filter((path) => !path.startsWith('base/json'))
		.filter((path) => /json_(find|member|next|unquote|spells)\(/.test(code(path)) && /json_parse\w*\(/.test(code(path)))
		.filter((path) => !/as spans[^]*as a tree[^]*\d,\d{3} instructions/.test(code(path.replace(/c$/, 'h'))));
	assert.deepEqual(silent, []);
});

test('what only tools that are not ours need is in a file that says so', () => {
	const elsewhere = ['x-mcp-header"', 'range.', '->unique'].flatMap((word) => readdirSync(join(ROOT, 'handler/mcp'))
		.filter((file) => file.endsWith('.c') && !['param_headers.c', 'schema_more.c', 'schema_node.c'].includes(file))
		.filter((file) => readFileSync(join(ROOT, 'handler/mcp', file), 'utf8').includes(word)).map((file) => `${file}: ${word}`));
	assert.deepEqual(elsewhere, []);
});

/* [path, text] of the C sources in those folders. */
const sourcesIn = (...folders) => folders.flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true })
	.filter((path) => /\.[ch]$/.test(path)).map((path) => `${folder}/${path}`))
	.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]);
const lineOf = (text, at) => text.slice(0, at).split('\n').length;
/* Where the pattern is found, as "path:line: what". */
const found = (pattern, folders) => sourcesIn(...folders)
	.flatMap(([path, text]) => [...text.matchAll(pattern)].map((match) => ({ path, text, match })));
const told = ({ path, text, match }) => `${path}:${lineOf(text, match.index)}: ${match[0].trim()}`;

test('an err is released at the end of its scope, or by the structure that holds it', () => {
	const declared = found(/^\t+(?:static )?struct err (\w+)\b.*;/gm, ['handler', 'test/unit', 'test/fuzz']);
	const isMember = ({ text, match }) => /^struct \w+ \{/.test(text.slice(0, match.index).match(/^\S.*$(?![^]*^\S)/m)[0]);
	const isReleased = ({ path, match }) => sourcesIn(dirname(path))
		.some(([, text]) => new RegExp(`err_done\\(&?[^;]*\\b${match[1]}\\)`).test(text));
	const loose = declared.filter((at) => !isMember(at) || !isReleased(at)).map(told);
	assert.equal(loose.join('\n'), '', 'declare it with autoerr, or have err_done called where its structure ends');
});

test('an err is copied by err_copy and moved by err_move, never assigned', () => {
	const assigned = found(/^.*(?:(?<!\w )\*err = |(?:->|\.)err = |= \*[\w.>-]*\b(?:err|failure)\b;).*/gm,
		['handler', 'test/unit', 'test/fuzz']);
	assert.equal(assigned.map(told).join('\n'), '', 'two would own the same');
});

/* [{at, name, parameters}] of the functions and function types in the handler: those that are defined, declared, or pointed to. */
const functions = sourcesIn('handler').flatMap(([path, text]) => {
	const code = text.replaceAll(/\/\*[^]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ' '));
	return [...code.matchAll(/^\t?(?!return|else)[a-z][\w *]*?[ *](?:\(\*)?(\w+)\)?\(((?:[^(){};]|\([^(){};]*\))*)\)(?:\n\{|;|\n\t__attribute__)/gm)]
		.filter(([, , parameters]) => parameters === 'void' || /^[\s\S]*\w[ *]+\w+/.test(parameters))
		.map((match) => ({ at: `${path}:${lineOf(code, match.index)}`, name: match[1],
			parameters: match[2].split(/,(?![^(]*\))/).map((parameter) => parameter.trim().replaceAll(/\s+/g, ' ')) }));
});

test('no function has more than five parameters', () => {
	assert.ok(functions.length > 600, `of all functions only ${functions.length} are found`);
	const wide = functions.filter(({ parameters }) => parameters.length > 5)
		.map(({ at, name, parameters }) => `${at}: ${name} has ${parameters.length}`);
	assert.equal(wide.join('\n'), '', 'let it take a struct of its inputs');
});

test('no function takes a boolean, which a call does not show the meaning of', () => {
	const flags = functions.flatMap(({ at, name, parameters }) => parameters
		.filter((parameter) => /^(?:const )?bool \w+$/.test(parameter)).map((parameter) => `${at}: ${name} takes ${parameter}`));
	assert.equal(flags.join('\n'), '', 'let it take a struct, an enum, or make it two functions');
});

test('no two structures of the handler share a name', () => {
	const named = found(/^struct (\w+) \{/gm, ['handler']);
	const shared = named.filter(({ match: [, name] }) => named.filter(({ match }) => match[1] === name).length > 1).map(told);
	assert.equal(shared.join('\n'), '', 'call each by what it is');
});
