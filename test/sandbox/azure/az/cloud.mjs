/*
 * The clouds as the real az knows them (clouds.json: its own answers), the one that is set, and the stand-in's file below
 * AZURE_CONFIG_DIR, where it keeps that and who is signed in.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from './failure.mjs';

export const CLOUDS = JSON.parse(readFileSync(fileURLToPath(new URL('clouds.json', import.meta.url)), 'utf8'));
const file = () => join(process.env.AZURE_CONFIG_DIR, 'stand_in.json');

export function kept() {
	try {
		return JSON.parse(readFileSync(file(), 'utf8'));
	} catch {
		return { cloud: 'AzureCloud' };
	}
}

export function keep(more) {
	mkdirSync(process.env.AZURE_CONFIG_DIR, { recursive: true });
	writeFileSync(file(), JSON.stringify({ ...kept(), ...more }), { mode: 0o600 });
}

export const cloudShown = () => ({ ...CLOUDS[kept().cloud], isActive: true });

export function setCloud(name) {
	if (!CLOUDS[name]) throw new Failure(`The cloud '${name}' is not registered.`);
	keep({ cloud: name, who: undefined, account: undefined, tokens: undefined });
}
