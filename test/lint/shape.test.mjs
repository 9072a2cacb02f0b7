/* The shape of the handler: which file needs which, and what an endpoint gets to see. */
import assert from 'node:assert/strict';
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

test("no two of the handler's source files need each other", () => {
	const sources = readdirSync(join(ROOT, 'handler'), { recursive: true }).filter((path) => path.endsWith('.c'));
	const objects = sources.map((path) => join(OBJECTS, 'handler', path.replace(/c$/, 'o')));
	const found = circles(needsOf(objects)).map((text) => text.replaceAll(`${OBJECTS}/`, '').replaceAll(/\.o\b/g, '.c'));
	assert.ok(!found.length, `break the circle by what both need, in a file of its own:\n${found.join('\n')}`);
});

/* The text of a struct of handler/endpoints. */
function structure(name) {
	const folder = join(ROOT, 'handler/endpoints');
	const headers = readdirSync(folder).filter((file) => file.endsWith('.h')).map((file) => readFileSync(join(folder, file), 'utf8'));
	return headers.join('\n').match(new RegExp(`^struct ${name} \\{\n[^]*?^\\};`, 'm'))[0];
}

test('an endpoint that answers a call cannot tell what brought it', () => {
	const telling = structure('call').match(/^\t.*(request \*|response|as_tool|transport|exchange|mcp).*;/gm);
	assert.equal(telling, null, `struct call is every transport's; of one are:\n${telling?.join('\n')}`);
});

test("the service's state is an enum, not which of its pointers are NULL", () => {
	const optional = ['service', 'sign_in', 'upstreams'].flatMap((name) => structure(name).match(/^.*\bNULL\b.*$/gm) ?? []);
	assert.deepEqual(optional, []);
});
