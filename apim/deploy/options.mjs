/*
 * The variables of the deployment, from the environment.  Those of the gateway's settings (../settings.mjs) are
 * beside them and checked there.
 */
import { accessSync, constants } from 'node:fs';
import { Stop } from './run.mjs';

const YES_NO = [/^(yes|no)$/, 'yes or no'];
const ANY = [/^.*$/, 'text'];
const EMAIL = [/^$|^[^@\s]+@[^@\s]+$/, 'an e-mail address'];
const ID = [/^$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'a GUID'];
const count = (most) => [new RegExp(`^\\d{1,${String(most).length}}$`), `a whole number up to ${most}`, most];

export const TIERS = ['Developer', 'Basic', 'Standard', 'Premium', 'BasicV2', 'StandardV2', 'PremiumV2'];
/* Whose outgoing addresses are fixed and nobody else's. */
export const FIXED_ADDRESSES = ['Developer', 'Basic', 'Standard', 'Premium'];
/* Which reach into a virtual network without being put whole into one. */
const IN_NETWORK = ['StandardV2', 'PremiumV2'];

/* name, default (undefined: required), [what it looks like, in words, greatest] */
export const OPTIONS = [
	['RG', undefined, [/^[\w.()-]{1,89}[\w()-]$|^\w$/, 'the name of a resource group']],
	['LOCATION', undefined, [/^[a-z0-9]+$/, 'an Azure region, such as westeurope']],
	['NAME', 'graph-mcp', [/^[a-z](?!.*--)[a-z0-9-]{1,13}[a-z0-9]$/, '3 to 15 of a-z, 0-9 and single -']],
	['FLAVOR', 'flex', [/^(flex|linux)$/, 'flex or linux']],
	['APIM_SKU', 'BasicV2', [new RegExp(`^(${TIERS.join('|')})$`), `one of ${TIERS.join(', ')} (Consumption has neither rate-limit-by-key nor a cache)`]],
	['PUBLISHER_EMAIL', '', EMAIL],
	['PUBLISHER_NAME', '', ANY],
	['APIM_GATEWAY_URL', '', ANY],
	['MCP_IDENTIFIER', 'try', [/^(yes|no|try)$/, 'yes, no or try']],
	['MCP_SIGN_IN', 'yes', YES_NO],
	['MCP_CLIENT_ID', '', ID],
	['ADMIN_CONSENT', 'yes', YES_NO],
	['CLIENT_ID', '', ID],
	['PREAUTH', 'apim/preauth.json', ANY],
	['PACKAGE', 'dist/functions.zip', ANY],
	['ALWAYS_READY', '0', count(1000)],
	['INSTANCE_MEMORY_MB', '2048', [/^(512|2048|4096)$/, '512, 2048 or 4096']],
	['DIAGNOSTICS_SAMPLING', '100', count(100)],
	['NETWORK', '', [/^(|open|gateway|private)$/, 'open, gateway or private']],
	['ZIP_LIMIT_S', '900', count(7200)],
	['TRIES', '60', count(1000)],
	['WAIT_S', '10', count(600)],
];
const NUMBERS = ['ALWAYS_READY', 'INSTANCE_MEMORY_MB', 'DIAGNOSTICS_SAMPLING', 'ZIP_LIMIT_S', 'TRIES', 'WAIT_S'];
/* Those that removing it looks at. */
export const OF_REMOVAL = ['RG', 'NAME', 'CLIENT_ID', 'MCP_CLIENT_ID', 'TRIES', 'WAIT_S'];

function problemOf([name, fallback, [pattern, words, most = Infinity]], value) {
	if (value === '' && fallback === undefined) return `${name} is missing: ${words}.`;
	return pattern.test(value) && !(Number(value) > most) ? undefined : `${name} is not ${words}.`;
}

function together({ FLAVOR, ALWAYS_READY, APIM_SKU, NETWORK }) {
	const problems = [];
	if (FLAVOR !== 'flex' && Number(ALWAYS_READY)) problems.push('ALWAYS_READY needs FLAVOR=flex.');
	if (NETWORK === 'gateway' && !FIXED_ADDRESSES.includes(APIM_SKU))
		problems.push(`NETWORK=gateway needs a tier with addresses of its own: APIM_SKU=${FIXED_ADDRESSES.join(', ')}.`);
	if (NETWORK === 'private' && !IN_NETWORK.includes(APIM_SKU)) problems.push(`NETWORK=private needs APIM_SKU=${IN_NETWORK.join(', ')}.`);
	if (NETWORK === 'private' && FLAVOR !== 'flex') problems.push('NETWORK=private needs FLAVOR=flex.');
	return problems;
}

function readable(path) {
	try {
		accessSync(path, constants.R_OK);
		return true;
	} catch {
		return false;
	}
}

/* {name: value}; throws a Stop that names all that is missing or wrong.  names: those that are looked at. */
export function readOptions(env, names = OPTIONS.map(([name]) => name)) {
	const rows = OPTIONS.filter(([name]) => names.includes(name));
	const options = Object.fromEntries(rows.map(([name, fallback]) => [name, (env[name] || fallback || '').trim()]));
	const problems = rows.map((row) => problemOf(row, options[row[0]])).filter(Boolean);
	if (!problems.length && names.includes('APIM_SKU')) problems.push(...together(options));
	if (names.includes('PREAUTH') && !readable(options.PREAUTH))
		problems.push(`${options.PREAUTH} cannot be read; copy apim/preauth.example.json and put your clients in.`);
	if (names.includes('PACKAGE') && !readable(options.PACKAGE)) problems.push(`${options.PACKAGE} is not there; run make dist.`);
	if (problems.length) throw new Stop(problems.join('\n'));
	for (const name of NUMBERS) if (name in options) options[name] = Number(options[name]);
	if (options.NETWORK === '') options.NETWORK = FIXED_ADDRESSES.includes(options.APIM_SKU) ? 'gateway' : 'open';
	return options;
}
