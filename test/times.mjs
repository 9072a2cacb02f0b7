/*
 * `make test-times`: runs the unit tests' programs and the integration tests' files given, and lists
 * the slowest twenty tests.  Ends with 1 where one failed.
 */
import { spawnSync } from 'node:child_process';
import { run } from 'node:test';

const SHOWN = 20;
const times = []; /* {seconds, name} */
let failed = 0;

const inRoom = (path, rooms) => path.split(`/${rooms}/`).pop();

/* cmocka says how long a test took in its XML only. */
function unit(program) {
	const { stdout, status } = spawnSync(program, { encoding: 'utf8', env: { ...process.env, CMOCKA_MESSAGE_OUTPUT: 'XML' } });
	if (status !== 0) failed++;
	for (const [, name, seconds] of stdout.matchAll(/<testcase name="([^"]*)" time="([\d.]+)"/g))
		times.push({ seconds: Number(seconds), name: `${inRoom(program, 'unit')}: ${name}` });
}

/* A suite's time is that of its tests. */
async function integration(files) {
	for await (const { type, data } of run({ files, concurrency: 2 })) {
		if (type === 'test:fail') failed++;
		if (type !== 'test:pass' && type !== 'test:fail' || data.details.type === 'suite' || !data.file) continue;
		times.push({ seconds: data.details.duration_ms / 1000, name: `${inRoom(data.file, 'integration')}: ${data.name}` });
	}
}

const given = process.argv.slice(2);
given.filter((path) => !path.endsWith('.mjs')).forEach(unit);
await integration(given.filter((path) => path.endsWith('.mjs')));
for (const { seconds, name } of times.sort((a, b) => b.seconds - a.seconds).slice(0, SHOWN))
	console.log(`${seconds.toFixed(2).padStart(8)} s  ${name}`);
console.log(`times: ${times.length} tests, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
