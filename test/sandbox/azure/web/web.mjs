/*
 * Microsoft.Web: plans, function apps and what belongs to them.
 */
import { versioned } from '../arm.mjs';
import { pendingRoutes } from '../pending.mjs';
import { reaches } from './access.mjs';
import { configuration } from './configuration.mjs';
import { VERSIONS } from './form.mjs';
import { keys } from './keys.mjs';
import { plans } from './plans.mjs';
import { publishing } from './publishing.mjs';
import { siteOf, sites } from './sites.mjs';
import { stacks } from './stacks.mjs';

/*
 * What it gives to the tests: sites by id, each {resource, settings, config, masterKey, functionKeys, deployments};
 * siteNamed(name), one of them; packages, the bytes that run, by site; unhealthy: no host gets up; caller, where the deployment
 * comes from; reaches(name, caller), whether access restrictions let it in (web/access.mjs).
 */
export function web(azure) {
	Object.assign(azure, { sites: new Map(), packages: new Map(), unhealthy: false, caller: { ip: '203.0.113.7' },
		siteNamed: (name) => siteOf(azure, name), reaches: (name, caller) => reaches(azure, siteOf(azure, name), caller) });
	return [...versioned(VERSIONS, [...plans(azure), ...sites(azure), ...configuration(azure), ...keys(azure), ...publishing(azure)]),
		...stacks(azure), ...pendingRoutes(azure, 'Microsoft.Web', VERSIONS)];
}
