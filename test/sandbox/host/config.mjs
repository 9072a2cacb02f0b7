/*
 * What the host learns from the script root: host.json (with AzureFunctionsJobHost__ overrides
 * from the app settings) and every <Function>/function.json.  Errors name the file and the way
 * out, because they are what somebody sees who edits these files by hand.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compileRoute } from './routes.mjs';
import { readJsonFile } from './json_file.mjs';

/* Consumption's default is 5 min, everywhere else 30 min; this double is "everywhere else". */
const DEFAULT_FUNCTION_TIMEOUT_MS = 30 * 60_000;

const MODE_FLAGS = {
	forwarding: 'enableForwardingHttpRequest',
	proxying: 'enableProxyingHttpRequest',
};

/* The app settings with which payload mode is asked for where host.json turns it off, so that the
 * handler hears of it too. */
const PAYLOAD_FLAGS = Object.fromEntries(Object.values(MODE_FLAGS)
	.map((flag) => [`AzureFunctionsJobHost__customHandler__${flag}`, 'false']));

/* Reads the script root and returns {root, mode, functions, exec, functionTimeoutMs, ...}. */
export function loadConfig({ root, mode, env = {} }) {
	const at = resolve(root);
	const { value: hostJson } = readJsonFile(join(at, 'host.json'));
	applyOverrides(hostJson, env);
	const custom = hostJson.customHandler;
	if (!custom?.description?.defaultExecutablePath) {
		throw new Error(`${at}/host.json has no customHandler.description.`
			+ 'defaultExecutablePath: nothing to start');
	}
	const http = hostJson.extensions?.http ?? {};
	return {
		root: at,
		mode: checkMode(mode, custom, at),
		flags: mode === 'payload' ? PAYLOAD_FLAGS : {},
		functions: loadFunctions(at, http.routePrefix ?? 'api', env),
		exec: execOf(custom.description, at, env),
		handlerPort: custom.port ?? 0,
		maxConcurrentRequests: http.maxConcurrentRequests ?? -1,
		errorsOnlyOnStderr: custom.description.useStdErrorStreamForErrorsOnly ?? true,
		functionTimeoutMs: timeoutMs(hostJson.functionTimeout),
	};
}

/* "hh:mm:ss" or "d.hh:mm:ss" in milliseconds; "-1" is without end. */
export function timeoutMs(text) {
	if (text === undefined) return DEFAULT_FUNCTION_TIMEOUT_MS;
	if (text === '-1') return Infinity;
	const parts = /^(?:(\d+)\.)?(\d+):(\d+):(\d+)$/.exec(text);
	if (!parts) throw new Error(`functionTimeout "${text}" is not hh:mm:ss`);
	const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
	return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

/* New hosts proxy when both flags are set, old ones forward: the mode asked for stands for the
 * age of the host.  Asking for a mode whose flag host.json lacks would test what never runs. */
function checkMode(mode, custom, root) {
	if (mode === undefined) {
		if (custom.enableProxyingHttpRequest) return 'proxying';
		return custom.enableForwardingHttpRequest ? 'forwarding' : 'payload';
	}
	if (!['forwarding', 'proxying', 'payload'].includes(mode)) {
		throw new Error(`mode "${mode}" is none of forwarding, proxying, payload`);
	}
	const flag = MODE_FLAGS[mode];
	if (flag && custom[flag] !== true) {
		throw new Error(`mode ${mode} needs customHandler.${flag} true: ${root}/host.json`);
	}
	return mode;
}

/* The executable: %VAR% expanded, relative to the script root (not workingDirectory), else found
 * on PATH.  Arguments are joined by spaces unquoted, so one with a space falls apart. */
function execOf(description, root, env) {
	const path = description.defaultExecutablePath
		.replace(/%(\w+)%/g, (all, name) => env[name] ?? process.env[name] ?? all);
	const local = resolve(root, path);
	const { arguments: own = [], workerArguments = [], workingDirectory = '.' } = description;
	const words = [...own, ...workerArguments].join(' ');
	return {
		file: existsSync(local) ? local : path,
		args: [...words.matchAll(/"([^"]*)"|(\S+)/g)].map((word) => word[1] ?? word[2]),
		cwd: resolve(root, workingDirectory),
	};
}

function loadFunctions(root, prefix, env) {
	return readdirSync(root, { withFileTypes: true })
		.filter((entry) => existsSync(join(root, entry.name, 'function.json')))
		.map((entry) => loadFunction(root, entry.name, prefix, env));
}

function loadFunction(root, name, prefix, env) {
	const file = join(root, name, 'function.json');
	const { value: json } = readJsonFile(file);
	const bindings = json.bindings ?? [];
	const trigger = bindings.find((binding) => /trigger$/i.test(binding.type ?? ''));
	if (!trigger) throw new Error(`${file} has no trigger binding`);
	const isHttp = trigger.type.toLowerCase() === 'httptrigger';
	const disabled = json.disabled === true || env[`AzureWebJobs.${name}.Disabled`] === 'true';
	return {
		name,
		trigger: trigger.name,
		output: bindings.find((binding) => binding.type === 'http')?.name,
		plainHttp: isPlainHttp(bindings),
		authLevel: (trigger.authLevel ?? 'function').toLowerCase(),
		methods: trigger.methods?.map((method) => method.toUpperCase()) ?? null,
		route: isHttp && !disabled ? compileRoute(prefix, trigger.route ?? name) : null,
	};
}

/* Plain HTTP is exactly one httpTrigger in and one http out; all else gets payload mode. */
function isPlainHttp(bindings) {
	const [inputs, outputs] = [bindings.filter((b) => b.direction !== 'out'),
		bindings.filter((b) => b.direction === 'out')];
	return inputs.length === 1 && inputs[0].type.toLowerCase() === 'httptrigger'
		&& outputs.length === 1 && outputs[0].type.toLowerCase() === 'http';
}

function applyOverrides(hostJson, env) {
	for (const [name, value] of Object.entries(env)) {
		const [head, ...path] = name.split(/__|:/);
		if (head.toLowerCase() !== 'azurefunctionsjobhost' || path.length === 0) continue;
		let node = hostJson;
		for (const key of path.slice(0, -1)) node = node[spelling(node, key)] ??= {};
		node[spelling(node, path.at(-1))] = scalar(value);
	}
}

function spelling(node, key) {
	return Object.keys(node).find((known) => known.toLowerCase() === key.toLowerCase()) ?? key;
}

function scalar(text) {
	if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
	return /^\d+$/.test(text) ? Number(text) : text;
}
