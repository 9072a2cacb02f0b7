/*
 * The form of one exchange, as each engine sends it for the same assertion.
 */
const OIDC = ['openid', 'profile', 'offline_access'];
const SECRET = ['assertion', 'client_secret', 'client_assertion'];

/* The latest form that Entra received, with what came beside it. */
export function lastForm(entra) {
	const { form, query, headers } = entra.requests.findLast((request) => request.form);
	return { form, query: [...new URLSearchParams(query).keys()], headers };
}

/* What decides which token comes back, in one notation: the order of scopes and the scopes that
 * only bring MSAL an account are no difference, nor is what is asked for the id_token. */
export function essence({ form }) {
	const scope = form.scope.split(' ').filter((word) => !OIDC.includes(word));
	const { access_token } = JSON.parse(form.claims);
	return { grant_type: form.grant_type, requested_token_use: form.requested_token_use,
		assertion: form.assertion, client_id: form.client_id, client_secret: form.client_secret,
		scope: scope.sort().join(' '), claims: access_token };
}

function shown(name, { form, headers }) {
	if (form[name] === undefined)
		return headers[name] ? 'as a header' : 'not sent';
	if (SECRET.includes(name))
		return 'sent';
	return /^(client-request-id|x-client-(OS|CPU|VER))$/.test(name) ? 'sent' : `\`${form[name]}\``;
}

/* One row per field that either sends: [name, MSAL, handler, how they compare]. */
export function fieldRows({ msal, handler }) {
	const names = [...new Set([...Object.keys(handler.form), ...Object.keys(msal.form)])].sort();
	const ours = essence(handler);
	const theirs = essence(msal);
	return names.map((name) => {
		const compared = name in ours
			&& JSON.stringify(ours[name]) === JSON.stringify(theirs[name]);
		const exactly = msal.form[name] === handler.form[name];
		const verdict = exactly ? 'equal' : compared ? 'equal but for the account' : 'only MSAL';
		return [`\`${name}\``, shown(name, msal), shown(name, handler), verdict];
	});
}
