/* A client of the sandbox Graph, for tests of the double itself: what it says to a user's token with some permissions. */
import assert from 'node:assert/strict';

/* ask(path below /v1.0, {user, scopes, headers, query ({name: value}), method, body}) -> {status, headers, bytes, body (JSON's value)};
 * a redirect is not followed. */
export function graphClient({ entra, graph }, defaults = {}) {
	return async (path, options = {}) => {
		const { user, scopes, headers, query = {}, method, body, token } = { ...defaults, ...options };
		const bearer = token ?? await entra.mintGraphToken({ user, scopes });
		const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
		const response = await fetch(`${graph.url}/v1.0${path}${pairs && `?${pairs}`}`, { method, redirect: 'manual',
			body: body && JSON.stringify(body),
			headers: { authorization: `Bearer ${bearer}`, ...(body ? { 'content-type': 'application/json' } : {}), ...headers } });
		const bytes = Buffer.from(await response.arrayBuffer());
		const json = /^application\/json/.test(response.headers.get('content-type') ?? '');
		return { status: response.status, headers: response.headers, bytes, body: json ? JSON.parse(bytes) : undefined };
	};
}

export function assertRefusedByGraph({ status, body }, wanted, code, message = /./) {
	assert.deepEqual([status, body.error?.code], [wanted, code], JSON.stringify(body));
	assert.match(body.error.message, message);
	const { httpCode = wanted, ...rest } = body.error; /* a workload's own member */
	assert.equal(httpCode, wanted);
	assert.deepEqual(Object.keys(rest), ['code', 'message', 'innerError']);
}

export function assertGiven(answer, status = 200) {
	assert.equal(answer.status, status, JSON.stringify(answer.body));
	return answer.body;
}

/* All items of a list, page by page, by the one parameter of each next link put into the same request. */
export async function allPages(ask, path, options = {}) {
	const items = [];
	const links = [];
	let page = assertGiven(await ask(path, options));
	for (;;) {
		items.push(...page.value);
		const next = page['@odata.nextLink'];
		if (!next)
			return { items, links };
		links.push(next);
		const [name, value] = [...new URL(next).searchParams].find(([one]) => /^\$skip/.test(one));
		page = assertGiven(await ask(path, { ...options, query: { ...options.query, [name]: value } }));
	}
}
