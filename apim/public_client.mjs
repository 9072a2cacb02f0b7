/*
 * The registration that all MCP clients sign in with: a public client, every redirect URI of which is
 * on the platform "Mobile and desktop", the https ones too: under Web Entra would want a secret, and
 * under SPA a browser.  Works out what it lacks; talks to nobody.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const GRAPH = '00000003-0000-0000-c000-000000000000';
const OFFLINE_ACCESS = '7427e0e9-2fba-42fe-b0c0-848c9e6a8182';
const CONFIG = new URL('../handler/base/config.c', import.meta.url);
const LOOPBACK_PATHS = ['/', '/callback', '/oauth/callback', '/mcp/oauth/callback'];
const REST = String.raw`\/[\w.~/=+@:-]*`; /* of what the handler takes, that which a shell and make read as nothing else */
const LOOPBACK = new RegExp(String.raw`^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::[1-9]\d{0,4})?(${REST})?$`);
const HOSTED = new RegExp(String.raw`^https:\/\/[a-z0-9][a-z0-9.-]*(?::[1-9]\d{0,4})?(?:${REST})?$`);
const MAX = 256; /* "Redirect URI (reply URL) restrictions and limitations" */

/* What the handler takes beside loopback addresses where MCP_REDIRECT_URIS is not set. */
export function defaultUris(text = readFileSync(CONFIG, 'utf8')) {
	const [, parts] = /#define MCP_REDIRECT_URIS((?:\s*\\\n\s*"[^"]*")+)/.exec(text);
	return [...parts.matchAll(/"([^"]*)"/g)].map(([, part]) => part).join('').split(',');
}

/* The address as it is registered, a loopback one without its port, which Entra ignores.  undefined: it
 * is none that clients may return to, or holds what a list or a shell would take for its own. */
export function registered(uri) {
	const loopback = LOOPBACK.exec(uri);
	if (uri.length > MAX || !(loopback || HOSTED.test(uri))) return undefined;
	return loopback ? `http://localhost${loopback[1] ?? '/'}` : uri;
}

/* Codex takes another path for each server: base64url of the beginning of the SHA-256 of its address. */
const codexUri = (server) => `http://localhost/callback/${createHash('sha256').update(server).digest().subarray(0, 9).toString('base64url')}`;

/* What every such registration has. */
const usualUris = (resource) => [...LOOPBACK_PATHS.map((path) => `http://localhost${path}`),
	codexUri(resource), codexUri(`${resource}/`), ...defaultUris()];

const sameSet = (a, b) => a.length === b.length && a.every((one) => b.includes(one));

/* The PATCH that adds redirect URIs; null: they are there.  Throws where some are on another platform. */
export function redirectPatch(application, uris) {
	const there = application.publicClient?.redirectUris ?? [];
	const elsewhere = ['web', 'spa'].flatMap((platform) => application[platform]?.redirectUris ?? []);
	if (elsewhere.length)
		throw new Error(`The public client ${application.appId} has redirect URIs under Web or SPA (${elsewhere[0]}); remove them there, for clients have no secret.`);
	const all = [...new Set([...there, ...uris])];
	return sameSet(all, there) ? null : { publicClient: { redirectUris: all } };
}

/* The PATCH that makes it the public client of this API: those permissions and no others. */
export function publicClientPatch(application, { clientId, scopeId, resource }) {
	const access = [{ resourceAppId: clientId, resourceAccess: [{ id: scopeId, type: 'Scope' }] },
		{ resourceAppId: GRAPH, resourceAccess: [{ id: OFFLINE_ACCESS, type: 'Scope' }] }];
	const flat = (list) => (list ?? []).flatMap((one) => one.resourceAccess.map(({ id, type }) => `${one.resourceAppId} ${id} ${type}`));
	const redirects = redirectPatch(application, usualUris(resource));
	const permitted = sameSet(flat(application.requiredResourceAccess), flat(access));
	if (!redirects && permitted && application.isFallbackPublicClient === false) return null;
	return { isFallbackPublicClient: false, requiredResourceAccess: access, ...redirects };
}

/* MCP_REDIRECT_URIS with one more address; null: it is there. */
export function redirectSetting(current, uri) {
	const list = current ? current.split(',').map((one) => one.trim()) : defaultUris();
	return list.some((one) => registered(one) === uri) ? null : [...list, uri].join(',');
}
