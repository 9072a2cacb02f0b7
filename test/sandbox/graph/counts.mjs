/* How often the sandbox Graph was asked for what. */
import { BATCH, ME } from './admission.mjs';

const zero = () => ({ me: 0, batch: 0, parts: 0, rejected: 0, byUser: {}, byRoute: {}, http2: 0, http1: 0 });

export class Counts {
	/* me: requests for /me however answered, byUser: those of them with a known token; batch: requests for $batch, parts:
	 * requests within them; byRoute: requests by method and template of their path; rejected: refused for their token, failures on
	 * order not included. */
	all = zero();

	reset() {
		this.all = zero();
	}

	/* One request, of whoever's token it has and by the route it takes, if it has any. */
	add({ req, url }, oid, route) {
		const { all } = this;
		all[req.httpVersionMajor === 2 ? 'http2' : 'http1']++;
		if (url.pathname === BATCH)
			all.batch++;
		if (url.pathname === ME) {
			all.me++;
			if (oid)
				all.byUser[oid] = (all.byUser[oid] ?? 0) + 1;
		}
		if (route)
			all.byRoute[route.request] = (all.byRoute[route.request] ?? 0) + 1;
	}
}
