/*
 * Which az a test runs, and how somebody signs in with it.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REAL = fileURLToPath(new URL('../../../../build/azure-cli', import.meta.url));
const STAND_IN = fileURLToPath(new URL('stand_in.mjs', import.meta.url));

/* Nothing in the played Azure takes time by the clock, so az does not wait by it either (a minute after each package). */
const NO_WAITING = 'import time\nsleep = time.sleep\ntime.sleep = lambda seconds: sleep(min(seconds, 0.01))\n';

export const hasRealAz = () => existsSync(join(REAL, 'installed'));

/* Puts az into a folder: 'real' or 'stand-in'. */
export function placeAz(folder, which) {
	mkdirSync(folder, { recursive: true });
	/* Not its script bin/az, whose first line takes no blank in the path. */
	const command = which === 'real' ? `env AZ_INSTALLER=PIP PYTHONPATH="${folder}" "${REAL}/bin/python" -m azure.cli` : `"${process.execPath}" "${STAND_IN}"`;
	if (which === 'real') writeFileSync(join(folder, 'sitecustomize.py'), NO_WAITING);
	writeFileSync(join(folder, 'az'), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
}

/* The arguments of az login: a user with a device code, a service principal with its secret, or with a federated token. */
export const LOGINS = {
	user: () => ['login', '--use-device-code'],
	secret: ({ client, tenantId }) => ['login', '--service-principal', '--username', client.id, '--password', client.secret, '--tenant', tenantId],
	federated: ({ client, tenantId, federatedToken }) => ['login', '--service-principal', '--username', client.id, '--federated-token', federatedToken(), '--tenant', tenantId],
};
