/*
 * Reads the operations out of openapi.yaml, and parts the document in two, without a YAML library,
 * so that deploying needs nothing but Node.js.  It relies on how that one file is laid out (paths
 * indented by two, methods by four, operationId by six, double-quoted nowhere); a test compares
 * what it reads with a real parser's reading.
 */
const METHOD = /^ {4}(get|put|post|delete|patch|head):$/;

/* The lines of the paths section, with what is before and after it. */
function sections(text) {
	const lines = text.split('\n');
	const start = lines.indexOf('paths:') + 1;
	const length = lines.slice(start).findIndex((line) => /^\S/.test(line));
	return { before: lines.slice(0, start), paths: lines.slice(start, start + length),
		after: lines.slice(start + length) };
}

/* [{id, method, urlTemplate}] in the document's order. */
export function readOperations(text) {
	const operations = [];
	let urlTemplate;
	let method;
	for (const line of sections(text).paths) {
		urlTemplate = /^ {2}(\/\S*):$/.exec(line)?.[1] ?? urlTemplate;
		method = METHOD.exec(line)?.[1] ?? method;
		const id = /^ {6}operationId: (\S+)$/.exec(line)?.[1];
		if (id) operations.push({ id, method: method.toUpperCase(), urlTemplate });
	}
	return operations;
}

/* The document with only the paths that `keep` says yes to, and `note` below its description. */
export function withPaths(text, keep, note) {
	const { before, paths, after } = sections(text);
	let kept = true;
	const chosen = paths.filter((line) => {
		const path = /^ {2}(\/\S*):$/.exec(line)?.[1];
		if (path) kept = keep(path);
		return kept;
	});
	const noted = before.flatMap((line) => (line === '  description: |' ? [line, `    ${note}`, ''] : [line]));
	return [...noted, ...chosen, ...after].join('\n');
}
