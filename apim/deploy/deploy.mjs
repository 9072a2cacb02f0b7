#!/usr/bin/env node
/*
 * Puts the service into Azure and is safe to run again: every step looks at what is there and changes only
 * what differs.  docs/deploy.md is the manual.
 *
 *   RG=... LOCATION=... node apim/deploy/deploy.mjs [--what-if]
 *
 * --what-if reads the same and writes nothing: it lists what would be made or changed, and what would
 * stop it.
 */
import { parseArgs } from 'node:util';
import { readPreauth } from '../preauth.mjs';
import { checkSettings, givenSettings } from '../settings.mjs';
import { functionApp, appSettings, hostKey, uploadPackage } from './functions.mjs';
import { calls } from './calls.mjs';
import { credentials } from './credentials.mjs';
import { group, providers, storage } from './foundation.mjs';
import { gateway } from './gateway.mjs';
import { gatewaySettings, handlerSettings } from './settings.mjs';
import { hindrances } from './hindrances.mjs';
import { insights } from './insights.mjs';
import { network, restrict } from './network.mjs';
import { readOptions } from './options.mjs';
import { policies } from './policies.mjs';
import { registration } from './registration.mjs';
import { grantDeployer } from './roles.mjs';
import { begin, ended } from './start.mjs';
import { Stop } from './run.mjs';
import { graphTools } from './tools.mjs';
import { vault } from './vault.mjs';

const STEPS = [
	graphTools, providers, group, storage, vault, grantDeployer, insights, functionApp, network, gateway,
	registration, credentials,
	(it) => appSettings(it, handlerSettings(it)), uploadPackage, hostKey,
	(it) => policies(it, gatewaySettings(it)),
	restrict, calls,
];

/* What would be found wrong only after half an hour. */
function checkBeforehand({ options, account }) {
	const { problems: clients } = readPreauth(options.PREAUTH);
	const anyId = account.tenantId;
	const { problems } = checkSettings({ ...givenSettings(), TENANT_ID: anyId, CLIENT_ID: options.CLIENT_ID || anyId, MCP_IDENTIFIER: 'yes',
		APIM_GATEWAY_URL: options.APIM_GATEWAY_URL || 'https://gateway.example', FUNCTION_APP_URL: 'https://functions.example', KEY_VAULT_URL: 'https://vault.vault.azure.net' });
	/* Of a Microsoft account az says live.com#NAME@DOMAIN. */
	const email = /^[^@\s#]+@[^@\s]+$/.test(options.PUBLISHER_EMAIL || account.userName) ? [] : ['PUBLISHER_EMAIL is missing: API Management wants an e-mail address.'];
	if ([...clients, ...problems, ...email].length) throw new Stop([...clients, ...problems, ...email].join('\n'));
}

function summary({ run, known }) {
	for (const text of run.skipped) run.say(`Left out: ${text}`);
	if (!run.whatIf) return run.say(`Done: ${known.APIM_GATEWAY_URL} (MCP: ${known.APIM_GATEWAY_URL}/mcp), client id ${known.CLIENT_ID}; ${run.changes.length} changes`);
	run.say(`${run.changes.length} changes to be made; none was made.`);
	for (const { message, advice } of run.hindrances) run.say(`Would stop it: ${message}${advice ? ` ${advice}` : ''}`);
	return run.hindrances.length ? undefined : run.say('Nothing is seen that would stop it.');
}

/* With --what-if a step that is stopped leaves the rest to be looked at. */
async function take(step, it) {
	try {
		await step(it);
	} catch (error) {
		if (!it.run.whatIf || !(error instanceof Stop)) throw error;
		it.run.hindrances.push(error);
	}
}

await ended('deploy', async (started) => {
	const { values } = parseArgs({ options: { 'what-if': { type: 'boolean', default: false } } });
	const it = await begin({ options: readOptions(process.env), whatIf: values['what-if'] });
	started(it.run);
	checkBeforehand(it);
	it.settings = () => gatewaySettings(it);
	if (it.run.whatIf) await take(hindrances, it);
	for (const step of STEPS) await take(step, it);
	summary(it);
});
