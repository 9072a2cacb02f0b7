/*
 * The documents Entra publishes: OpenID Connect metadata of both versions.  Members that our
 * handler never reads are there because the real document has them.
 */

const common = (base) => ({
	token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt',
		'client_secret_basic', 'self_signed_tls_client_auth'],
	response_modes_supported: ['query', 'fragment', 'form_post'],
	subject_types_supported: ['pairwise'],
	id_token_signing_alg_values_supported: ['RS256'],
	response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
	scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
	request_uri_parameter_supported: false,
	http_logout_supported: true,
	frontchannel_logout_supported: true,
	claims_supported: ['sub', 'iss', 'cloud_instance_name', 'cloud_graph_host_name', 'aud',
		'exp', 'iat', 'auth_time', 'acr', 'nonce', 'preferred_username', 'name', 'tid',
		'ver', 'at_hash', 'c_hash', 'email'],
	kerberos_endpoint: `${base}/kerberos`,
	tenant_region_scope: 'EU',
	cloud_instance_name: 'microsoftonline.com',
	cloud_graph_host_name: 'graph.windows.net',
	msgraph_host: 'graph.microsoft.com',
	rbac_url: 'https://pas.windows.net',
});

/* Tenants that are no tenant: there the issuer keeps the placeholder. */
export const SHARED_TENANTS = ['common', 'organizations', 'consumers'];

const issuerTenant = (tenant) => SHARED_TENANTS.includes(tenant) ? '{tenantid}' : tenant;

export function metadataV2({ url }, tenant) {
	const base = `${url}/${tenant}`;
	return { ...common(base),
		token_endpoint: `${base}/oauth2/v2.0/token`,
		jwks_uri: `${base}/discovery/v2.0/keys`,
		issuer: `${url}/${issuerTenant(tenant)}/v2.0`,
		userinfo_endpoint: 'https://graph.microsoft.com/oidc/userinfo',
		authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
		device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
		end_session_endpoint: `${base}/oauth2/v2.0/logout` };
}

export function metadataV1({ url, v1IssuerHost }, tenant) {
	const base = `${url}/${tenant}`;
	return { ...common(base),
		token_endpoint: `${base}/oauth2/token`,
		jwks_uri: `${base}/discovery/keys`,
		issuer: `${v1IssuerHost}/${issuerTenant(tenant)}/`,
		microsoft_multi_refresh_token: true,
		authorization_endpoint: `${base}/oauth2/authorize`,
		device_authorization_endpoint: `${base}/oauth2/devicecode`,
		end_session_endpoint: `${base}/oauth2/logout`,
		check_session_iframe: `${base}/oauth2/checksession`,
		userinfo_endpoint: `${base}/openid/userinfo` };
}
