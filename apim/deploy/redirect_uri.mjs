#!/usr/bin/env node
/*
 * Lets MCP clients return to one more address from the sign-in, as ChatGPT's connectors and Copilot Studio's tools need:
 * adds it to the registration that they share and to the handler's MCP_REDIRECT_URIS.  Safe to run again;
 * docs/sign-in.md is the manual.
 *
 *   RG=... URI=... [APP=...] [REGISTERED=yes] node apim/deploy/redirect_uri.mjs
 *
 * REGISTERED: of a client with a registration of its own, where the address already is; only the handler's list is changed.
 */
import { redirectSetting, registered } from '../public_client.mjs';
import { WEB_VERSION, readSettings, writeSettings } from './functions.mjs';
import { readOptions } from './options.mjs';
import { addRedirectUri } from './registration.mjs';
import { begin, ended } from './start.mjs';
import { Stop } from './run.mjs';

function readUri({ URI = '' }) {
	if (!URI) throw new Stop('URI is missing: the address that the client shows.');
	return registered(URI) ?? stop(`${URI} is no address that clients may return to: https://, or http:// and this machine's own, up to 256 plain characters.`);
}

function stop(words) {
	throw new Stop(words);
}

/* The id of the function app that is named, or of the only one there is. */
async function findApp({ arm, options, provider }, name) {
	if (name) return provider(`Microsoft.Web/sites/${name}`);
	const all = await arm.list({ label: `function apps in ${options.RG}`, path: provider('Microsoft.Web/sites'), version: WEB_VERSION });
	if (all.length !== 1) stop(`There is not one function app in ${options.RG}; say which one is meant with APP.`);
	return all[0].id;
}

/* Entra first: what the handler lets through has to be known there. */
async function add(it, uri) {
	const app = await findApp(it, process.env.APP);
	const name = app.split('/').pop();
	const label = `settings of ${name}`;
	const settings = await readSettings(it, app, label);
	const client = settings.MCP_CLIENT_ID || stop(`MCP_CLIENT_ID of ${name} is not set: there, clients sign in at Microsoft Entra itself.`);
	if (process.env.REGISTERED !== 'yes') await addRedirectUri(it, client, uri);
	const changed = redirectSetting(settings.MCP_REDIRECT_URIS ?? '', uri);
	if (!changed) return;
	await it.run.change('change', `MCP_REDIRECT_URIS of ${name}`, () => writeSettings(it, app, { label, settings: { ...settings, MCP_REDIRECT_URIS: changed } }));
}

await ended('redirect-uri', async (started) => {
	const uri = readUri(process.env);
	const it = await begin({ options: readOptions(process.env, ['RG', 'NAME', 'TRIES', 'WAIT_S']) });
	started(it.run);
	await add(it, uri);
	it.run.say('Done; the function app takes a moment to begin anew.');
});
