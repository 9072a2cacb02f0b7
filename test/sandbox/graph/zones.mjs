/* Time zones by their Windows names and those of the IANA, and wall clocks in them. */
import { badRequest } from './refusal.mjs';

const WINDOWS = { UTC: 'UTC', 'GMT Standard Time': 'Europe/London', 'W. Europe Standard Time': 'Europe/Berlin', 'Romance Standard Time': 'Europe/Paris',
	'Central Europe Standard Time': 'Europe/Budapest', 'FLE Standard Time': 'Europe/Kyiv', 'Eastern Standard Time': 'America/New_York',
	'Central Standard Time': 'America/Chicago', 'Mountain Standard Time': 'America/Denver', 'Pacific Standard Time': 'America/Los_Angeles',
	'India Standard Time': 'Asia/Kolkata', 'Tokyo Standard Time': 'Asia/Tokyo', 'China Standard Time': 'Asia/Shanghai',
	'AUS Eastern Standard Time': 'Australia/Sydney', 'Arabian Standard Time': 'Asia/Dubai' };
const clocks = new Map();

function clockOf(name) {
	if (!clocks.has(name)) {
		clocks.set(name, new Intl.DateTimeFormat('sv', { timeZone: Object.hasOwn(WINDOWS, name) ? WINDOWS[name] : name, hourCycle: 'h23',
			year: 'numeric',
			month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }));
	}
	return clocks.get(name);
}

/* Refuses a zone that nobody knows; offsets are no zones. */
export function checkZone(name) {
	try {
		if (/^[A-Za-z]/.test(name) && clockOf(name))
			return name;
	} catch { /* refused below */ }
	throw badRequest(`A valid TimeZone value must be specified. The following TimeZone value is not supported: '${name}'.`,
		'TimeZoneNotSupportedException');
}

/* "2026-11-27T09:00:00" as a clock on the wall shows it. */
export function wallOf(ms, zone) {
	return clockOf(zone).format(ms).replace(' ', 'T'); /* Swedes write dates as ISO 8601 does */
}

/* The moment at which the wall shows that time. */
export function momentOf(wall, zone) {
	const shown = Date.parse(`${wall}Z`);
	const guess = shown - (Date.parse(`${wallOf(shown, zone)}Z`) - shown);
	return guess + shown - Date.parse(`${wallOf(guess, zone)}Z`);
}

export const dateTimeIn = (ms, zone) => ({ dateTime: `${wallOf(ms, zone)}.0000000`, timeZone: zone });
