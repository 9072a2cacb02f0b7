/*
 * The official SDKs, versions 1 and 2, sign in with each kind of client id: given, the address of a
 * metadata document, registered.
 */
import { test } from 'node:test';
import { SDK1, SDK2, negotiating, signingIn } from '../stage/sdk.mjs';
import { CIMD, givesUp, inEachPlace, isAskedAtOnce, memoryProvider, opening, signsIn, signsInAnew, stepsUp } from '../stage/sign_in.mjs';

const SDKS = { v1: SDK1, v2: { ...SDK2, options: negotiating('auto') } };

const KINDS = {
	'a given client id': ({ clientId, url }) => ({ information: { client_id: clientId, issuer: url } }),
	'a client metadata document': () => ({ url: CIMD }),
	'registration': () => ({}),
};

const DAY_S = 86_400;
/* What makes Entra refuse to renew a token. */
const ENDED = {
	'was revoked': (entra) => entra.revokeGrants('adele'),
	'is good after multi-factor only': (entra) => entra.directory.requireMfa(),
	'is too old': (entra) => entra.ageGrants(91 * DAY_S),
};

const open = opening((sdk, { endpoint }, knows) => signingIn(sdk, endpoint, memoryProvider(knows)));

inEachPlace((place) => {
	for (const [version, sdk] of Object.entries(SDKS)) {
		for (const [kind, knows] of Object.entries(KINDS)) {
			test(`${version} signs in with ${kind}, and renews its token`, async (t) =>
				signsIn(place(), await open(t, sdk, place(), knows(place()))));
		}
		for (const [what, end] of Object.entries(ENDED)) {
			test(`${version} signs in anew when its refresh token ${what}`, async (t) =>
				signsInAnew(place(), await open(t, sdk, place()), end));
		}
	}

	test('v1 renews its token when it is challenged for more, and gives up', async (t) =>
		givesUp(place(), await open(t, SDKS.v1, place())));
	test('v2 signs in with more when it is challenged for it', async (t) =>
		stepsUp(place(), await open(t, SDKS.v2, place())));
});

for (const sdk of Object.values(SDKS))
	isAskedAtOnce((t, place) => open(t, sdk, place));
