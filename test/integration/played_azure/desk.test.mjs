/*
 * The desk that deployments are tested at, and the small az on it: what a test could not see otherwise is noticed.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { repo } from '../../sandbox/common/repo.mjs';
import { desk } from '../stage/azure_desk.mjs';

/* A program of the test's in the place of the deployment's. */
async function deskWith(t, source, options) {
	const it = await desk(t, options);
	writeFileSync(it.file('program.mjs'), source);
	return { ...it, start: (...args) => it.run(relative(join(repo, 'apim/deploy'), it.file('program.mjs')), { EXTRA: 'yes' }, ...args) };
}

for (const [how, options] of [['by the network', { network: true }], ['in a thread', {}]]) {
	test(`${how}: a program sees the environment, reaches the played Azure by its real name, and what it asked is told`, async (t) => {
		const { azure, start } = await deskWith(t, `
			import { az, tokenFor } from '${join(repo, 'apim/deploy/az.mjs')}';
			const { value } = await tokenFor('https://management.azure.com/');
			const group = 'https://management.azure.com/subscriptions/' + (await az(['account', 'show'])).id + '/resourceGroups/rg?api-version=2021-04-01';
			const put = await fetch(group, { method: 'PUT', body: JSON.stringify({ location: process.env.LOCATION }), headers: { authorization: 'Bearer ' + value } });
			console.log(put.status, (await put.json()).location, process.env.EXTRA, process.argv[2]);
			process.exitCode = 3;`, options);
		const { status, output, errors, calls, writes } = await start('--what-if');
		assert.deepEqual([status, output], [3, '201 westeurope yes --what-if\n'], errors);
		assert.deepEqual(writes.map(({ method, path, status: answered }) => [method, path, answered]), [['PUT', `/subscriptions/${azure.subscriptionId}/resourceGroups/rg`, 201]]);
		assert.ok(calls.length > writes.length);
	});

	test(`${how}: a program meets the faults that a test orders: a refusal with its headers, a connection that breaks`, async (t) => {
		const { azure, start } = await deskWith(t, `
			for (const method of ['GET', 'GET', 'POST', 'PUT']) {
				const said = await fetch('https://management.azure.com/subscriptions', { method }).then((answer) => [answer.status, answer.headers.get('retry-after')], ({ name, message }) => [name, message]);
				console.log(...said);
			}`, { ...options, login: 'nobody' });
		azure.fail(/subscriptions/, { status: 429, headers: { 'retry-after': '7' } });
		azure.fail(/^(GET|POST)/, { cut: 'before' }, 2);
		azure.fail(/^PUT/, { cut: 'after' });
		const { output, calls } = await start();
		assert.equal(output, '429 7\n' + 'TypeError fetch failed\n'.repeat(3));
		assert.deepEqual(calls.map(({ method }) => method), ['GET', 'GET', 'POST', 'PUT'], 'none is asked twice');
	});
}

test('a program sees nothing of the one before it: not its environment, arguments, words or status', async (t) => {
	const { start, run, file } = await deskWith(t, `
		console.log(process.env.EXTRA, process.argv.slice(2).join());
		console.error(process.exitCode);
		process.exitCode = process.env.EXTRA ? 3 : undefined;
		if (process.argv[2] === 'throw') throw new Error('for nothing');`, { login: 'nobody' });
	const seen = ({ status, output, errors }) => [status, output, errors.split('\n')[0]];
	assert.deepEqual(seen(await start('one')), [3, 'yes one\n', 'undefined']);
	assert.deepEqual(seen(await run(relative(join(repo, 'apim/deploy'), file('program.mjs')))), [0, 'undefined \n', 'undefined']);
	const thrown = await start('throw');
	assert.deepEqual(seen(thrown), [1, 'yes throw\n', 'undefined']);
	assert.match(thrown.errors, /Error: for nothing/);
	assert.deepEqual(seen(await start()), [3, 'yes \n', 'undefined']);
});

for (const [what, source] of [
	['a secret in what it prints', 'console.log("SECRET-x")'],
	['a secret among its errors', 'console.error("SECRET-x")'],
	['a secret in a file that stays', 'import { writeFileSync } from "node:fs"; writeFileSync(process.env.HOME + "/x", "SECRET-x")'],
	['a file in the temporary folder', 'import { writeFileSync } from "node:fs"; writeFileSync(process.env.TMPDIR + "/x", "")'],
])
	test(`a program that leaves ${what} fails its test`, async (t) => {
		const { start } = await deskWith(t, source, { login: 'nobody' });
		await assert.rejects(start(), { code: 'ERR_ASSERTION' });
	});

test('the small az refuses what it does not play, and a secret among its arguments', async (t) => {
	const { az } = await desk(t, { login: 'nobody' });
	const refused = async (...args) => {
		const { status, errors } = await az(...args);
		return [status, errors];
	};
	assert.deepEqual(await refused('group', 'list'), [2, "ERROR: 'group list' is not one of the stand-in's commands.\n"]);
	assert.deepEqual(await refused('account', 'show', '--tenant', 'SECRET-x'), [99, 'ERROR: a secret among the arguments\n']);
	assert.equal((await az('account', 'show', '--colour', 'blue')).status, 1);
});
