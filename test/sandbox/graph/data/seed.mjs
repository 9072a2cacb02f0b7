/* Invented things that are the same in every run: all of them come from a text. */
import crypto from 'node:crypto';

const hash = (...parts) => crypto.hash('sha256', parts.join('|'), 'buffer');

/* Choices of one line of things: the same seed chooses the same. */
export class Chance {
	#seed;
	#drawn = 0;

	constructor(...seed) {
		this.#seed = seed;
	}

	/* 0 to n - 1. */
	below(n) {
		return hash(...this.#seed, this.#drawn++).readUInt32BE(0) % n;
	}

	of(list) {
		return list[this.below(list.length)];
	}
}

/* An id as Outlook's: long, of base64 for addresses, with "-", "_" and "=". */
export function outlookId(prefix, ...seed) {
	const body = Buffer.concat([hash(...seed), hash(...seed, 'more')]).toString('base64url');
	return `${prefix}${body.slice(0, 60)}-_${body.slice(60, 84)}AAA=`;
}

export function guid(...seed) {
	const hex = hash(...seed).toString('hex');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export const hex = (length, ...seed) => hash(...seed).toString('hex').slice(0, length);
export const base32 = (length, ...seed) => [...hash(...seed)].map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32]).join('').slice(0, length);

/* Graph's times have no milliseconds when these are nought. */
export const iso = (ms) => new Date(ms).toISOString().replace('.000Z', 'Z');
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
