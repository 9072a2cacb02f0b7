/*
 * Payload mode, the way back: what the host makes of the handler's JSON.  Throwing stands for the
 * host's 500 with no body; hang() for the answers it swallows and keeps waiting after.
 */

const TEXT_PLAIN = 'text/plain; charset=utf-8';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/* The client's answer {status, headers, body} from the handler's response and its whole body. */
export async function answerFrom(call, response, bytes) {
	if (response.statusCode < 200 || response.statusCode > 299) {
		throw new Error(`status ${response.statusCode} is not a success`);
	}
	if (bytes.length === 0) return hang(call.signal);
	const result = resultOf(response, bytes);
	if (result === null) return hang(call.signal);
	for (const line of result.logs ?? []) call.onLog(String(line));
	return httpAnswer(call.fn.output, result);
}

/* An empty 2xx, 204 or JSON null never completes the call: functionTimeout has to. */
function hang(signal) {
	const { promise, reject } = Promise.withResolvers();
	signal.addEventListener('abort', () => reject(signal.reason));
	if (signal.aborted) reject(signal.reason);
	return promise;
}

function resultOf(response, bytes) {
	const type = (response.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
	if (type !== 'application/json' && type !== 'text/json') {
		throw new Error(`content type "${type}" is not JSON`);
	}
	const json = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
	if (json === null) return null;
	if (!isObject(json)) throw new Error('the answer is no JSON object');
	const outputs = anyCase(json, 'outputs') ?? null;
	if (outputs !== null && !isObject(outputs)) throw new Error('Outputs is no object');
	const returned = anyCase(json, 'returnvalue') ?? null;
	return { outputs, returned, logs: anyCase(json, 'logs') };
}

function httpAnswer(name, { outputs, returned }) {
	if (outputs === null && returned === null) return plain('', []);
	if (name === undefined) return plain('', []);
	if (name === '$return') return returnedAnswer(returned);
	if (!outputs || !Object.hasOwn(outputs, name)) return plain('{}', []);
	const output = outputs[name];
	if (!isObject(output)) throw new Error(`output "${name}" is no object`);
	return objectAnswer(output, output.statusCode);
}

/* For an http output named $return, ReturnValue is the body, or the response if it has one; only
 * there does "status" count.  A string that is valid base64 gets decoded. */
function returnedAnswer(returned) {
	if (isObject(returned) && 'body' in returned) {
		return objectAnswer(returned, returned.statusCode ?? returned.status);
	}
	const decoded = typeof returned === 'string' && returned !== '' && BASE64.test(returned);
	return plain(decoded ? Buffer.from(returned, 'base64') : bodyText(returned), []);
}

function objectAnswer(output, statusCode) {
	const headers = Object.entries(output.headers ?? {}).map(([name, value]) =>
		[name, headerText(name, value)]);
	return { ...plain(bodyText(output.body), headers), status: statusOf(statusCode) };
}

/* A number or a numeric string; "status" alone is ignored. */
function statusOf(value) {
	if (value === undefined || value === null) return 200;
	const status = Number(value);
	if (!Number.isInteger(status) || status < 100 || status > 999) {
		throw new Error(`statusCode "${value}" is no status`);
	}
	return status;
}

/* Header values are strings; null is an error, arrays and objects come out as .NET type names. */
function headerText(name, value) {
	if (value === null) throw new Error(`header "${name}" is null`);
	if (typeof value === 'object') return 'System.Object[]';
	if (typeof value === 'boolean') return value ? 'True' : 'False';
	return String(value);
}

/* A string goes out as it is (no base64 decoding), an object as indented JSON. */
function bodyText(body) {
	if (body === undefined || body === null) return '';
	return typeof body === 'string' ? body : JSON.stringify(body, null, 2);
}

function plain(content, headers) {
	const body = Buffer.from(content);
	const own = (pattern) => headers.some(([name]) => pattern.test(name));
	const framing = /^(content-length|transfer-encoding)$/i;
	const kept = headers.filter(([name]) => !framing.test(name));
	if (body.length > 0 && !own(/^content-type$/i)) kept.push(['Content-Type', TEXT_PLAIN]);
	return { status: 200, headers: [...kept, ['Content-Length', String(body.length)]], body };
}

function anyCase(object, name) {
	return Object.entries(object).find(([key]) => key.toLowerCase() === name)?.[1];
}

function isObject(value) {
	return value !== null && typeof value === 'object' && !Array.isArray(value);
}
