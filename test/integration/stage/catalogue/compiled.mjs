/* What the tools that are code ask and answer, since their definitions do not say it. */
const STRING = { type: 'string' };
const object = (names, required = names) => ({ type: 'object', properties: Object.fromEntries(names.map((name) => [name, STRING])), required });

/* By what `compiled` says: each request with the permissions that it needs together, and the schema of the result. */
export const COMPILED = {
	search: {
		requests: [
			['POST /search/query', ['Mail.Read']],
			['POST /search/query', ['Calendars.Read']],
			['POST /search/query', ['Chat.Read', 'ChannelMessage.Read.All']],
			['POST /search/query', ['Sites.Read.All']],
		],
		output: { type: 'object', properties: { results: { type: 'array', items: object(['id', 'title', 'url', 'text']) },
			notSearched: { type: 'array', items: object(['kind', 'why', 'consentUrl'], ['kind', 'why']) } }, required: ['results'] },
	},
	fetch: {
		requests: [
			['GET /me/messages/{id}', ['Mail.Read']],
			['GET /me/events/{id}', ['Calendars.Read']],
			['GET /chats/{id}/messages/{id}', ['Chat.Read']],
			['GET /teams/{id}/channels/{id}/messages/{id}', ['ChannelMessage.Read.All']],
			['GET /drives/{id}/items/{id}', ['Sites.Read.All']],
			['GET /drives/{id}/items/{id}/content', ['Sites.Read.All']],
			['GET /sites/{id}/lists/{id}/items/{id}', ['Sites.Read.All']],
			['GET /sites/{id}', ['Sites.Read.All']],
		],
		output: { type: 'object', properties: { ...object(['id', 'title', 'text', 'url']).properties, metadata: { type: 'object', properties: {} } },
			required: ['id', 'title', 'text', 'url', 'metadata'] },
	},
};
