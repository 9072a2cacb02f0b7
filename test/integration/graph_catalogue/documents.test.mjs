/* docs/graph-tools.md says what the files do. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { readTools, repo, templatesOf } from '../stage/catalogue/definitions.mjs';
import { sharedOf } from '../stage/catalogue/metadata.mjs';
import { faultsOf } from '../stage/catalogue/truth.mjs';

const read = (path) => readFileSync(join(repo, path), 'utf8');
const page = read('docs/graph-tools.md');
const blocks = [...page.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text]) => text);
const [firstTool, sending] = blocks;
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

test('the page\'s request of another mailbox is right by the schema and by Microsoft\'s metadata', () => {
	const tool = { name: 'get', title: 'Get', description: 'Gets.', arguments: { id: { type: 'string' } }, required: ['id'],
		...JSON.parse(`{${blocks.find((text) => text.includes('"shared"'))}}`), result: { pick: { subject: 'subject', text: 'body.content' } } };
	assert.ok(accepts({ set: 'mail', tools: [tool] }), JSON.stringify(accepts.errors));
	assert.deepEqual(faultsOf(tool), []);
});

test('the page lists the permissions for other mailboxes', () => {
	const [, section] = page.split('\n## Other mailboxes\n');
	const rows = section.split('\n## ')[0].split('\n').filter((line) => line.startsWith('|')).slice(2);
	const pairs = rows.flatMap((row) => {
		const [own, theirs] = row.split('|').slice(1, 3).map((cell) => cell.match(/[\w.]+/g));
		return own.map((name, i) => [name, theirs[i]]);
	});
	assert.deepEqual(pairs.sort(), [...sharedOf].filter(([name]) => /^(Mail|Calendars)\./.test(name)).sort());
});

test('the page lists the catalogue, file by file, with arguments, permissions and requests', () => {
	let before;
	const rows = readTools().map(({ set, name, arguments: args = {}, required = [], permissions, shared, request, result }) => {
		const names = Object.keys(args).map((each) => (required.includes(each) ? `**${each}**` : each));
		if (result.page)
			names.push('limit', 'cursor');
		if (result.content)
			names.push('cursor');
		const first = set === before ? '' : `\`${set}\``;
		before = set;
		return [first, `\`${name}\`${shared ? ' *' : ''}`, names.join(', '), permissions.join(', '),
			[request].flat().map(({ method = 'GET', path }) => `${method} ${templatesOf(path).join(', ')}`).join(', ')
				+ (result.content ? ` and …${result.content.path}` : '')];
	});
	const [, table] = page.split('\n## The catalogue\n');
	const written = table.split('\n').filter((line) => line.startsWith('|')).slice(2)
		.map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
	assert.deepEqual(written, rows);
});
