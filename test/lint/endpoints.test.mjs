/* The table of endpoints and all that there is of an endpoint beside its row agree. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, readTable } from '../endpoint_table.mjs';
import { RULES, look } from './endpoints.mjs';

for (const [rule, find] of Object.entries(RULES)) {
	test(rule, () => {
		const wrong = find(look());
		assert.ok(!wrong.length, `docs/endpoint.md lists the steps.\n${wrong.join('\n')}`);
	});
}

test('--help names every endpoint with its methods', () => {
	const help = execFileSync(join(ROOT, 'bin/handler'), ['--help'], { encoding: 'utf8' });
	for (const { name, methods } of readTable())
		assert.match(help, new RegExp(`^  ${name} +${methods.join(' ')}$`, 'm'), 'print_help() of handler/main.c prints the table');
});
