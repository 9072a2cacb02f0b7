/* A Graph tool called over REST with those arguments (undefined: without a body), at what startAlone gives. */
export const callTool = (at, name, args, options) => at.ask(`/tools/${name}`, { method: 'POST',
	body: args === undefined ? undefined : JSON.stringify(args), headers: { 'content-type': 'application/json' }, ...options });
