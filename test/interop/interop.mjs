/*
 * `make interop`: clients of other ecosystems sign in at the door, and a table tells how far each came.
 * Options: --only TEXT (of a client's name), --at PLACE.  Exits with 1 where one failed.
 */
import { parseArgs } from 'node:util';
import { CLIENTS, prepare, versionOf } from './clients.mjs';
import { PLACE_NAMES, startAt } from './place.mjs';
import { STEPS, session } from './session.mjs';

const { values: { only = '', at } } = parseArgs({ options: { only: { type: 'string' }, at: { type: 'string' } } });
const places = at ? [at] : PLACE_NAMES;
const remarks = [];

/* The cells of the steps: what failed is named below the table. */
function cellsOf(name, { done, failed }) {
	if (failed)
		remarks.push(`failed: ${name}: ${STEPS[done.length]}: ${failed}`);
	return STEPS.map((step, i) => done.includes(step) ? 'ok' : i === done.length ? 'failed' : '-');
}

async function ready() {
	const all = [];
	for (const client of CLIENTS.filter(({ name }) => name.toLowerCase().includes(only.toLowerCase()))) {
		const { skipped, failed } = await prepare(client) ?? {};
		if (skipped ?? failed)
			remarks.push(`${skipped ? 'skipped' : 'failed'}: ${client.name}: ${skipped ?? failed}`);
		else
			all.push(client);
	}
	return all;
}

async function rowsAt(where, clients) {
	const place = await startAt(where);
	const rows = [];
	for (const client of clients) {
		for (const kind of client.kinds) {
			const name = `${client.name}, ${kind}, ${where}`;
			console.error(name);
			rows.push([client.name, versionOf(client), where, kind, ...cellsOf(name, await session(place, client, kind))]);
		}
	}
	await place.stop();
	return rows;
}

function print(rows) {
	const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
	const line = (row) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
	console.log([line(rows[0]), line(widths.map((width) => '-'.repeat(width))), ...rows.slice(1).map(line)].join('\n'));
}

const clients = await ready();
const rows = [];
for (const where of clients.length ? places : [])
	rows.push(...await rowsAt(where, clients));
print([['client', 'version', 'place', 'client id', ...STEPS], ...rows]);
console.log(remarks.join('\n'));
process.exitCode = remarks.some((remark) => remark.startsWith('failed')) ? 1 : 0;
