/*
 * What docs/deploy.md says, as a test can look at it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repo } from '../../../sandbox/common/repo.mjs';

export const manual = readFileSync(join(repo, 'docs/deploy.md'), 'utf8');

/* The rows of the table below a heading, each a list of its cells. */
export function tableOf(heading) {
	const [, part] = manual.split(`\n## ${heading}\n`);
	return part.split('\n## ')[0].split('\n').filter((line) => line.startsWith('| ')).slice(1).map((line) => line.slice(2, -2).split(' | '));
}

export const quoted = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, words]) => words);

const escaped = (words) => words.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&');
/* Each thing that the table of failures quotes; ... stands for whatever is said there, VARIABLE for the name of one, perhaps with its value. */
export const phrases = tableOf('When it stops').flatMap(([cell]) => quoted(cell));
const patterns = phrases.map((words) => new RegExp(words.split('...').map((part) => escaped(part.trim())).filter(Boolean).join('.*').replace('VARIABLE', '\\b[A-Z_]{2,}(=\\S*)?')));

export function mustBeInManual(said) {
	assert.ok(patterns.some((pattern) => pattern.test(said)), `docs/deploy.md has no row for: ${said}`);
}
