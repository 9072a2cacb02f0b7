/*
 * Which az a test runs, and how somebody signs in with it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REAL = fileURLToPath(new URL('../../../../build/azure-cli', import.meta.url));
const STAND_IN = fileURLToPath(new URL('stand_in.mjs', import.meta.url));

/* Nothing in the played Azure takes time by the clock, so az does not wait by it either (a minute after each package). */
const NO_WAITING = 'import time\nsleep = time.sleep\ntime.sleep = lambda seconds: sleep(min(seconds, 0.01))\n';

export const hasRealAz = () => existsSync(join(REAL, 'installed'));

/* The stand-in's program: bash alone, which starts in a moment. */
const STAND_IN_AZ = (port) => `#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/${port}
printf '%s\\0' $(($# + 1)) "$PWD" "$@" >&3
IFS= read -r status <&3
IFS= read -r length <&3
LC_ALL=C IFS= read -r -d '' -N "$length" errors <&3
printf %s "$errors" >&2
cat <&3
exit "$status"
`;

/* Not the script bin/az, whose first line takes no blank in the path. */
const realAz = (folder) => `#!/bin/sh
exec env AZ_INSTALLER=PIP PYTHONPATH="${folder}" "${REAL}/bin/python" -m azure.cli "$@"
`;

/* The stand-in's port; it ends with this process, or when its input is closed. */
async function startStandIn(env) {
	const child = spawn(process.execPath, [STAND_IN], { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
	const [port] = await once(child.stdout.setEncoding('utf8'), 'data');
	for (const one of [child, child.stdin, child.stdout]) one.unref();
	return { port: Number(port), stop: () => child.kill() };
}

/* Puts az into a folder: 'real' or 'stand-in', which lives in that environment; {stop()}. */
export async function placeAz(folder, which, env) {
	mkdirSync(folder, { recursive: true });
	const standIn = which === 'real' ? undefined : await startStandIn(env);
	if (which === 'real') writeFileSync(join(folder, 'sitecustomize.py'), NO_WAITING);
	writeFileSync(join(folder, 'az'), standIn ? STAND_IN_AZ(standIn.port) : realAz(folder), { mode: 0o755 });
	return { stop: () => standIn?.stop() };
}

/* The arguments of az login: a user with a device code, a service principal with its secret, or with a federated token. */
export const LOGINS = {
	user: () => ['login', '--use-device-code'],
	secret: ({ client, tenantId }) => ['login', '--service-principal', '--username', client.id, '--password', client.secret, '--tenant', tenantId],
	federated: ({ client, tenantId, federatedToken }) => ['login', '--service-principal', '--username', client.id, '--federated-token', federatedToken(), '--tenant', tenantId],
};
