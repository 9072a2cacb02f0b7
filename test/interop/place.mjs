/* Where the clients sign in: see startPlace. */
import { startBehindGateway } from '../integration/stage/behind_gateway.mjs';
import { startAlone, startHosted } from '../integration/stage/fixture.mjs';
import { startPlace } from '../integration/stage/sign_in.mjs';

const PLACES = {
	alone: startAlone,
	host: (options) => startHosted({ ...options, mode: 'proxying' }),
	gateway: startBehindGateway,
};
export const PLACE_NAMES = Object.keys(PLACES);
export const startAt = (name) => startPlace(PLACES[name]);
