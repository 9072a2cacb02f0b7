/* The Graph tools that ship are listed where people look for them, set by set, in the order of their files. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import yaml from 'js-yaml';
import { ROOT } from '../endpoint_table.mjs';

const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const catalogue = Object.fromEntries(readdirSync(join(ROOT, 'graph-tools')).map((file) => JSON.parse(read(join('graph-tools', file))))
	.map(({ set, tools }) => [set, tools.map(({ name }) => name)]));

test('there are tools, a file a set', () => {
	assert.ok(Object.keys(catalogue).length >= 5);
	assert.deepEqual(Object.keys(catalogue).map((set) => `${set}.json`).sort(), readdirSync(join(ROOT, 'graph-tools')).sort());
});

test("README's table of Graph tools is the catalogue", () => {
	const section = read('README.md').split('\n## Graph tools\n')[1].split('\n## ')[0];
	const rows = [...section.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, set, names]) => [set, [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name)]);
	assert.deepEqual(Object.fromEntries(rows), catalogue);
});

test('the contract names the catalogue where a tool is called', () => {
	const { description } = yaml.load(read('apim/openapi.yaml')).paths['/tools/{name}'].post;
	const rows = [...description.matchAll(/^(\w+): (.*)$/gm)].map(([, set, names]) => [set, names.split(', ')]);
	assert.deepEqual(Object.fromEntries(rows), catalogue);
});
