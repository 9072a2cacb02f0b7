/* The table of endpoints and all that there is of an endpoint beside its row agree. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, readTable } from '../endpoint_table.mjs';
import { RULES, look, toolFaults } from './endpoints.mjs';

for (const [rule, find] of Object.entries(RULES)) {
	test(rule, () => {
		const wrong = find(look());
		assert.ok(!wrong.length, `docs/endpoint.md lists the steps.\n${wrong.join('\n')}`);
	});
}

test('what some client does not take of a tool is found, however deep', () => {
	const annotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
	const faultsOf = (inputSchema, more = {}) => toolFaults({ title: 'T', description: 'D', annotations, inputSchema, ...more }).join('\n');
	const within = (schema) => ({ type: 'object', properties: { a: { type: 'array', items: { type: 'object', properties: { b: schema } } } } });
	for (const [schema, fault] of [[{ type: 'object', additionalProperties: false }, 'an object without properties'],
		[{ type: 'array' }, 'an array without items'], [{ type: ['string', 'null'] }, 'a list for its type'],
		...['$ref', 'anyOf', 'oneOf', 'allOf'].map((word) => [{ [word]: [] }, word])])
		assert.match(faultsOf(within(schema)), new RegExp(`^inputSchema\\.a\\[\\]\\.b (is|has) ${fault.replace('$', '\\$')}`));
	const good = { type: 'object', properties: {} };
	assert.equal(faultsOf(good, { outputSchema: { anyOf: [{ type: 'string' }, { type: 'null' }] } }), '');
	assert.match(faultsOf(good, { outputSchema: within({ type: ['string', 'null'] }) }), /^outputSchema has a list/);
	assert.equal(faultsOf(good, { title: '', description: '', annotations: { ...annotations, openWorldHint: undefined } }),
		'has no title\nhas no description\ndoes not say its openWorldHint');
});

test('--help names every endpoint with its methods', () => {
	const help = execFileSync(join(ROOT, 'bin/handler'), ['--help'], { encoding: 'utf8' });
	for (const { name, methods } of readTable())
		assert.match(help, new RegExp(`^  ${name} +${methods.join(' ')}$`, 'm'), 'print_help() of handler/arguments.c prints the table');
});
