/*
 * The pages a person sees while signing in.  Plain forms without a script, so that a browser, a test
 * that clicks in one and a test that posts by itself all go the same way: every choice is a button
 * called "action" (or, for an account, "user") with an id of its own.
 */

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' };
const html = (text) => String(text).replace(/[&<>"']/g, (one) => ENTITIES[one]);

const STYLE = 'body{font:16px/1.5 "Segoe UI",sans-serif;background:#f2f2f2;margin:0}'
	+ 'main{background:#fff;max-width:27rem;margin:4rem auto;padding:2rem;box-shadow:0 2px 6px #0003}'
	+ 'h1{font-size:1.4rem;margin:0 0 1rem}button{font:inherit;padding:.4rem 1rem;margin:.25rem .5rem .25rem 0}'
	+ '.account{display:block;width:100%;text-align:left}small{color:#555;overflow-wrap:anywhere}';

function page(status, title, body) {
	return { status, headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store, no-cache' },
		body: `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${html(title)}</title>`
			+ `<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head>\n`
			+ `<body><main><h1>${html(title)}</h1>\n${body}\n</main></body></html>\n` };
}

const hidden = (name, value) => `<input type="hidden" name="${html(name)}" value="${html(value)}">`;
const action = (value, label) => `<button type="submit" id="${value}" name="action" value="${value}">${label}</button>`;

/* A step of a flow: its id tells a driver which page it is. */
function step(flow, id, title, body) {
	return page(200, title, `<form id="${id}" method="post" action="/${flow.tenant}/login">`
		+ `${hidden('flow', flow.id)}\n${body}\n</form>`);
}

export function accountPage(flow, users) {
	const account = ([key, { name, username }]) => `<button type="submit" class="account" id="user-${html(key)}" `
		+ `name="user" value="${html(username)}">${html(name)}<br><small>${html(username)}</small></button>`;
	return step(flow, 'choose-account', 'Pick an account', `<p>to continue to ${html(flow.application.name)}</p>`
		+ `${users.map(account).join('\n')}\n${action('cancel', 'Cancel')}`);
}

export function mfaPage(flow) {
	return step(flow, 'multi-factor', 'Approve sign in request', `<p><small>${html(flow.user.username)}</small></p>`
		+ '<p>Your organisation wants more information to be sure that it is you.</p>'
		+ `${action('approve', 'Approve')}${action('cancel', 'Cancel')}`);
}

export function consentPage(flow, permissions) {
	const items = permissions.map(({ resource, name }) => `<li>${html(resource.name)}: ${html(name)}</li>`);
	return step(flow, 'consent', 'Permissions requested', `<p><small>${html(flow.user.username)}</small></p>`
		+ `<p>${html(flow.application.name)} would like to:</p><ul>${items.join('')}</ul>`
		+ `${action('accept', 'Accept')}${action('cancel', 'Cancel')}`);
}

/* Where this user may not consent: an administrator has to. */
export function approvalPage(flow, message) {
	return step(flow, 'admin-approval', 'Need admin approval', `<p><small>${html(flow.user.username)}</small></p>`
		+ `<p>${html(message)}</p>`
		+ action('cancel', 'Return to the application without granting consent'));
}

/* Entra's own error page: nothing is told to any redirect URI. */
export function errorPage(message, { traceId, correlationId }) {
	return page(400, 'Sign in', '<p>Sorry, but we\'re having trouble signing you in.</p>'
		+ `<p id="error">${html(message)}</p><p><small>Request Id: ${traceId}<br>Correlation Id: ${correlationId}<br>`
		+ `Timestamp: ${new Date().toISOString()}</small></p>`);
}

/* The answer as a form that posts itself (OAuth 2.0 Form Post Response Mode). */
export function formPostPage(redirectUri, fields) {
	return page(200, 'Working...', `<form id="form-post" method="post" action="${html(redirectUri)}">`
		+ `${Object.entries(fields).map(([name, value]) => hidden(name, value)).join('')}`
		+ '<noscript><button type="submit">Continue</button></noscript></form>'
		+ '<script>document.forms[0].submit()</script>');
}
