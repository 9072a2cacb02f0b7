/* docs/graph-tools.md says what the files do. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { readTools, repo, templatesOf } from '../stage/catalogue/definitions.mjs';
import { faultsOf } from '../stage/catalogue/truth.mjs';

const read = (path) => readFileSync(join(repo, path), 'utf8');
const page = read('docs/graph-tools.md');
const [firstTool, sending] = [...page.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text]) => text);
const accepts = new Ajv({ strictTypes: false, strictRequired: false }).compile(JSON.parse(read('docs/graph-tools.schema.json')));

test('the page\'s first tool is right by the schema and by Microsoft\'s metadata', () => {
	const file = JSON.parse(firstTool);
	assert.ok(accepts(file), JSON.stringify(accepts.errors));
	assert.deepEqual(file.tools.flatMap(faultsOf), []);
});

test('the page\'s request is right by the schema and by Microsoft\'s metadata', () => {
	const tool = { name: 'send', title: 'Send', description: 'Sends.', permissions: ['Mail.Send'],
		writes: { destructive: false, idempotent: false }, unsure: 'Look.', confirm: 'Do it?',
		...JSON.parse(`{${sending}}`), result: { say: 'The mail was sent.' } };
	assert.ok(accepts({ set: 'mail', tools: [tool] }), JSON.stringify(accepts.errors));
	assert.deepEqual(faultsOf(tool), []);
});

test('the page lists the catalogue, file by file, with arguments, permissions and requests', () => {
	let before;
	const rows = readTools().map(({ set, name, arguments: args = {}, required = [], permissions, request, result }) => {
		const names = Object.keys(args).map((each) => (required.includes(each) ? `**${each}**` : each));
		if (result.page)
			names.push('limit', 'cursor');
		const first = set === before ? '' : `\`${set}\``;
		before = set;
		return [first, `\`${name}\``, names.join(', '), permissions.join(', '),
			[request].flat().map(({ method = 'GET', path }) => `${method} ${templatesOf(path).join(', ')}`).join(', ')];
	});
	const [, table] = page.split('\n## The catalogue\n');
	const written = table.split('\n').filter((line) => line.startsWith('|')).slice(2)
		.map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
	assert.deepEqual(written, rows);
});
