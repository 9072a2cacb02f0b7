/*
 * Which az a test runs, and how somebody signs in with it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const REAL = join(import.meta.dirname, '../../../../build/azure-cli');

export const hasRealAz = () => existsSync(join(REAL, 'installed'));

/* The program az: bash alone, which starts in a moment, and asks the process that stays. */
const AZ = (port) => `#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/${port}
printf '%s\\0' $(($# + 1)) "$PWD" "$@" >&3
IFS= read -r status <&3
IFS= read -r length <&3
LC_ALL=C IFS= read -r -d '' -N "$length" errors <&3
printf %s "$errors" >&2
cat <&3
exit "$status"
`;

/* Puts az into a folder: 'real' or 'stand-in', in that environment; {stop()}.  Its process ends with this one, or when its input is closed. */
export async function placeAz(folder, which, env) {
	const [command, program] = which === 'real' ? [join(REAL, 'bin/python'), 'real.py'] : [process.execPath, 'stand_in.mjs'];
	const child = spawn(command, [join(import.meta.dirname, program)],
		{ env: { ...process.env, AZ_INSTALLER: 'PIP', ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
	const [port] = await once(child.stdout.setEncoding('utf8'), 'data');
	for (const one of [child, child.stdin, child.stdout]) one.unref();
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'az'), AZ(Number(port)), { mode: 0o755 });
	return { stop: () => child.kill() };
}

/* The arguments of az login: a user with a device code, a service principal with its secret, or with a federated token. */
export const LOGINS = {
	user: () => ['login', '--use-device-code'],
	secret: ({ client, tenantId }) => ['login', '--service-principal', '--username', client.id, '--password', client.secret, '--tenant', tenantId],
	federated: ({ client, tenantId, federatedToken }) => ['login', '--service-principal', '--username', client.id, '--federated-token', federatedToken(), '--tenant', tenantId],
};
