/*
 * Microsoft.Network, as far as a private way from the gateway to the function app needs it.
 */
import { versioned } from '../arm.mjs';
import { pendingRoutes } from '../pending.mjs';
import { endpoints } from './endpoints.mjs';
import { guards } from './guards.mjs';
import { networks } from './networks.mjs';
import { zones } from './zones.mjs';

const VERSIONS = ['2022-01-01', '2023-11-01', '2024-01-01', '2024-03-01', '2024-05-01', '2024-07-01', '2025-07-01', '2026-01-01'];
const ZONE_VERSIONS = ['2018-09-01', '2020-06-01', '2024-06-01'];

export function network(azure) {
	return [...versioned(VERSIONS, [...networks(azure), ...endpoints(azure), ...guards(azure)]), ...versioned(ZONE_VERSIONS, zones(azure)),
		...pendingRoutes(azure, 'Microsoft.Network', [...VERSIONS, ...ZONE_VERSIONS])];
}
