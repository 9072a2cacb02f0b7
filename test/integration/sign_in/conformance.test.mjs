/*
 * The official MCP conformance suite's scenarios for authorization servers, against the door.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conformAuthorization } from '../../conformance/suite.mjs';
import { freePort } from '../../sandbox/host/client.mjs';
import { Person } from '../stage/person.mjs';
import { inEachPlace } from '../stage/sign_in.mjs';

const CHECKS = ['authorization-code-grant', 'authorization-server-metadata', 'authorization-server-metadata-cimd'];

/* The door does not see the version: each has a place of its own. */
for (const [version, where] of [['2025-11-25', 'alone'], ['2026-07-28', 'gateway']])
	inEachPlace((place) => {
		test(`${version}: every scenario passes`, async () => {
			const { url, endpoint, clientId } = place();
			const { code, output, checks } = await conformAuthorization({ url, version, clientId,
				resource: endpoint, port: await freePort(), open: (page) => new Person().signInAndReturn(page) });
			assert.equal(code, 0, output);
			assert.deepEqual(checks.map(({ id }) => id).sort(), CHECKS, output);
			assert.deepEqual(checks.filter(({ status }) => status !== 'SUCCESS'), []);
		});
	}, { places: [where] });
