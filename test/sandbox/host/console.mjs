/*
 * The handler's console as the host reads it: both pipes drained all the time, cut into lines at
 * \n, \r\n and \r, a partial line held until it ends or the pipe closes, each line given a level.
 */
import { StringDecoder } from 'node:string_decoder';

/* Level of a line: stdout is Information; stderr is Warning when it contains "warn", else Error.
 * With useStdErrorStreamForErrorsOnly:false stderr is an error only if it reads like one. */
export function levelOf(stream, text, errorsOnlyOnStderr = true) {
	if (stream === 'stdout') return 'Information';
	if (errorsOnlyOnStderr) return /warn/i.test(text) ? 'Warning' : 'Error';
	return /error|fail|severe|unhandled exception/i.test(text) ? 'Error' : 'Information';
}

/* Calls onLine(text) for each line a readable brings. */
export function readLines(readable, onLine) {
	const decoder = new StringDecoder('utf8');
	let held = '';
	let afterReturn = false;
	readable.on('data', (chunk) => {
		let text = decoder.write(chunk);
		if (text === '') return;
		if (afterReturn && text.startsWith('\n')) text = text.slice(1);
		held += text;
		afterReturn = held.endsWith('\r');
		const lines = held.split(/\r\n|\n|\r/);
		held = lines.pop();
		lines.forEach(onLine);
	});
	readable.on('end', () => {
		held += decoder.end();
		if (held !== '') onLine(held);
		held = '';
	});
	readable.on('error', () => {});
}
