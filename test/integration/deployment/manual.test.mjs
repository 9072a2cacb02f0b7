/*
 * docs/deploy.md says what the deployment does: each variable with its default, and each failure, in its words.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FIXED_ADDRESSES, OPTIONS, TIERS } from '../../../apim/deploy/options.mjs';
import { SETTINGS } from '../../../apim/settings.mjs';
import { manual, mustBeInManual, phrases, quoted, tableOf } from '../stage/azure/manual.mjs';
import { job } from '../stage/azure/workflow.mjs';
import { repo } from '../../sandbox/common/repo.mjs';

const textOf = (path) => readFileSync(join(repo, path), 'utf8');
const below = (folder) => readdirSync(join(repo, folder), { recursive: true }).filter((name) => name.endsWith('.mjs')).map((name) => join(folder, name));

/* The words of a template or a string of a source, what is filled in left open. */
const constant = (literal) => literal.slice(1).replace(/[`']$/, '').replace(/\$\{[^}]*\}?/g, 'X');

test('each variable has its row, in the order of the program, with its default', () => {
	const rows = tableOf('Variables').map(([name, value]) => [quoted(name)[0], quoted(value)[0]]);
	assert.deepEqual(rows.map(([name]) => name), OPTIONS.map(([name]) => name));
	for (const [name, fallback] of OPTIONS) if (fallback) assert.equal(rows.find(([one]) => one === name)[1], fallback, name);
});

test('each tier is in the table of who reaches the app or is said to have no addresses of its own', () => {
	const [[, , gateway]] = tableOf('Who reaches the function app');
	assert.deepEqual(gateway.split(', '), FIXED_ADDRESSES);
	for (const tier of TIERS.filter((one) => !FIXED_ADDRESSES.includes(one))) assert.match(manual, new RegExp(`\\b${tier}\\b`));
});

test('each thing that stops a deployment has a row of its words', () => {
	/* redirect_uri.mjs is a program of its own, and docs/sign-in.md its manual. */
	const said = below('apim/deploy').filter((path) => !path.endsWith('redirect_uri.mjs'))
		.flatMap((path) => [...textOf(path).matchAll(/new Stop\((`[^`]*|'[^']*)/g)].map(([, literal]) => constant(literal)))
		.filter((words) => !/^X:/.test(words)); /* Azure's own words follow */
	assert.ok(said.length > 15);
	for (const words of said) mustBeInManual(words);
});

/* What the deployment does not meet, as it looks first, is told by the answer, or asks nothing of the kind. */
const MET_BY_NOBODY = ['RoleAssignmentExists', 'RoleAssignmentUpdateNotPermitted', 'Request_MultipleObjectsWithSameKeyValue', 'InvalidResourceGroupLocation', 'CannotDeleteResource'];

test('each refusal of the played Azure that comes of what is there, not of what is asked, has a row', () => {
	const refused = below('test/sandbox/azure').flatMap((path) => [...textOf(path).matchAll(/(?:refuse\(|status: )(403|409), (?:code: )?'(\w+)'/g)].map(([, , code]) => code));
	const codes = [...new Set(refused)].filter((code) => !MET_BY_NOBODY.includes(code));
	assert.ok(codes.length > 10, codes.join());
	for (const code of codes) mustBeInManual(`thing: 409 ${code}: words`);
});

/* Microsoft's own, which are not played, and what is put together of two. */
const NOT_IN_A_SOURCE = ['SkuNotAvailable', 'ServerBusy', 'TooManyRequests', 'ForbiddenByRbac', 'not supported in region', 'Please run \'az login\'', 'config-zip failed',
	'az account get-access-token ... failed', '/me answered 401', 'answered 503'];

test('each failure of the table is one that the deployment, the played Azure or its az has words for', () => {
	const sources = [...below('apim'), ...below('test/sandbox/azure')].map(textOf).join('\n');
	const parts = phrases.filter((words) => !NOT_IN_A_SOURCE.includes(words)).flatMap((words) => words.split(/\.\.\.|VARIABLE/)).map((part) => part.trim());
	assert.deepEqual(parts.filter((part) => !sources.includes(part)), []);
});

test('each command of make is one that there is, and each variable of the workflow is named', () => {
	const targets = new Set([...textOf('Makefile').matchAll(/^([a-z-]+):/gm), ...textOf('packaging/dist.mk').matchAll(/^([a-z-]+):/gm)].map(([, name]) => name));
	const used = [...manual.matchAll(/`make ([a-z-]+)/g), ...manual.matchAll(/^make ([a-z-]+)/gm)].map(([, name]) => name);
	assert.ok(used.length > 5);
	assert.deepEqual(used.filter((name) => !targets.has(name)), []);
	const settings = SETTINGS.map(([name]) => name);
	const variables = [...JSON.stringify(job).matchAll(/vars\.(\w+)/g)].map(([, name]) => name);
	assert.deepEqual(variables.filter((name) => !settings.includes(name) && !manual.includes(`\`${name}\``)), []);
});
