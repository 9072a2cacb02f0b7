/*
 * A second issuer of Entra-shaped tokens, none of it ours: oauth2-mock-server mints and signs (with
 * jose) and serves metadata and keys, at the paths where Entra has them.
 */
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { OAuth2Server } from 'oauth2-mock-server';
import { sandboxCertificate } from '../common/tls.mjs';

const TENANT = '0f6d2c1e-58a3-4b7c-9d10-2e4f6a8b0c1d';
const CLIENT = 'c2a4e6f8-1b3d-4f5a-8c7e-9d0b1a2c3e4f';
const VISUAL_STUDIO_CODE = 'aebc6443-996d-45c2-90f0-388ff96faa56';
const OID = '2b1c0d9e-8f7a-4b6c-8d5e-4f3a2b1c0d9e';

/* The claims of one user in both versions of Entra's tokens; iss, iat, nbf and exp are added. */
const COMMON = { oid: OID, tid: TENANT, sub: 'cGFpcndpc2Utc3ViamVjdA', name: 'Second Issuer',
	scp: 'openid access_as_user', uti: 'dW5pcXVlLXRva2VuLWlk' };
const CLAIMS = {
	1: { ...COMMON, ver: '1.0', aud: `api://${CLIENT}`, iss: `https://sts.windows.net/${TENANT}/`,
		appid: VISUAL_STUDIO_CODE, appidacr: '0', upn: 'second@contoso.example' },
	2: { ...COMMON, ver: '2.0', aud: CLIENT, azp: VISUAL_STUDIO_CODE, azpacr: '0',
		preferred_username: 'second@contoso.example' },
};

/* {env: the handler's settings, oid, tenant, newKey(alg), mint(options), stop()}. */
export async function startSecondIssuer() {
	const tls = dirname((await sandboxCertificate()).caFile);
	const keys = `/${TENANT}/discovery/v2.0/keys`;
	const server = new OAuth2Server(join(tls, 'server.key'), join(tls, 'server.pem'), {
		endpoints: { wellKnownDocument: `/${TENANT}/v2.0/.well-known/openid-configuration`,
			jwks: keys } });
	await server.start(0, '127.0.0.1');
	const authority = `https://127.0.0.1:${server.address().port}`;
	server.issuer.url = `${authority}/${TENANT}/v2.0`;
	/* It would put the keys below the issuer. */
	server.service.on('beforeWellKnownOpenIdConfiguration', ({ body }) => {
		body.jwks_uri = authority + keys;
	});
	const newKey = async (alg = 'RS256') =>
		(await server.issuer.keys.generate(alg, { kid: randomUUID() })).kid;
	const first = await newKey();

	/* A token; claims and header replace, an undefined claim is left out. */
	function mint({ version = 2, claims = {}, header = {}, kid = first } = {}) {
		const change = (head, payload) => {
			Object.assign(head, header);
			Object.assign(payload, CLAIMS[version], claims);
		};
		return server.issuer.buildToken({ kid, scopesOrTransform: change });
	}
	return { mint, newKey, oid: OID, tenant: TENANT,
		env: { TENANT_ID: TENANT, CLIENT_ID: CLIENT, CLIENT_SECRET: 'unused',
			APIM_GATEWAY_URL: 'https://gateway.example/api', AUTHORITY_HOST: authority,
			CA_BUNDLE_FILE: join(tls, 'ca.pem') },
		stop: () => server.stop() };
}
