/*
 * The signing keys of the sandbox Entra and the key set it publishes.  Keys are made in the
 * background (RSA generation takes from 50 ms to half a second), so starting never waits.  They are kept
 * in build/, which is never committed: the tests start some hundred Entras.
 *
 * The published set has the shape of the real one: no "alg", an issuer with "{tenantid}", and
 * entries that a validator must skip without giving up the others.
 */
import { createPrivateKey, createPublicKey, generateKeyPair, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OTHER_TENANT } from './users.mjs';

const generate = promisify(generateKeyPair);

export const newKid = () => randomBytes(20).toString('base64url');

const home = join(import.meta.dirname, '../../../build/sandbox-keys');

/* As PEM.  Processes that make one at the same time need not agree on it. */
async function makePrivateKey(file) {
	const { privateKey } = await generate('rsa', { modulusLength: 2048,
		publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
	const draft = `${file}-${randomUUID()}`;
	await mkdir(home, { recursive: true });
	await writeFile(draft, privateKey, { mode: 0o600 });
	await rename(draft, file);
	return privateKey;
}

let taken = 0;

/* {kid, privateKey, publicKey, jwk}: an RSA key and the public members of its JWK.  A process is given none twice. */
export async function makeKey() {
	const file = join(home, `${taken++}.pem`);
	const privateKey = createPrivateKey(await readFile(file).catch(() => makePrivateKey(file)));
	const publicKey = createPublicKey(privateKey);
	return { kid: newKid(), privateKey, publicKey, jwk: publicKey.export({ format: 'jwk' }) };
}

function entry(kid, jwk, cloud, issuer) {
	return { kty: 'RSA', use: 'sig', kid, x5t: kid, n: jwk.n, e: jwk.e,
		cloud_instance_name: cloud, issuer };
}

const EC_DECOY = { kty: 'EC', use: 'sig', kid: newKid(), crv: 'P-256',
	x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
	y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' };	/* RFC 7515 A.3.1 */

const BROKEN_JWK = { n: '!!not*base64url!!', e: 'AQAB' };

export class Keyring {
	#published;	/* newest first; promises */
	#next;
	#dropped;
	#foreign = makeKey();
	#foreignKid = newKid();
	#boundKid = newKid();
	#brokenKid = newKid();

	constructor(url) {
		this.url = url;
		this.#published = [makeKey()];
	}

	/* The key in use. */
	get current() {
		return this.#published[0];
	}

	/* The key that the next rotation will publish: until then nobody can verify with it. */
	get unpublished() {
		this.#next ??= makeKey();
		return this.#next;
	}

	/* A key that was published once and is no longer. */
	get rotatedOut() {
		this.#dropped ??= makeKey();
		return this.#dropped;
	}

	/* Published, but for another cloud's issuer. */
	async foreignCloud() {
		return { ...await this.#foreign, kid: this.#foreignKid };
	}

	/* Published, but bound to another tenant's issuer. */
	async tenantBound() {
		return { ...await this.#foreign, kid: this.#boundKid };
	}

	named(name) {
		if (name === 'unpublished')
			return this.unpublished;
		if (name === 'rotated-out')
			return this.rotatedOut;
		throw new Error(`unknown key "${name}"; one of: unpublished rotated-out`);
	}

	async rotate({ keepOld = true } = {}) {
		const fresh = this.unpublished;
		await fresh;
		if (!keepOld)
			this.#dropped = this.#published[0];
		this.#published = keepOld ? [fresh, ...this.#published] : [fresh];
		this.#next = undefined;
		return (await fresh).kid;
	}

	/* The key Entra itself signed with under this kid, decoys excluded. */
	async own(kid) {
		const keys = await Promise.all(this.#published);
		return keys.find((key) => key.kid === kid);
	}

	async v2Set() {
		const own = await Promise.all(this.#published);
		const { jwk } = await this.#foreign;
		const china = 'https://login.partner.microsoftonline.cn/{tenantid}/v2.0';
		const here = 'microsoftonline.com';
		return { keys: [
			EC_DECOY,
			entry(this.#brokenKid, BROKEN_JWK, here, this.#issuer()),
			entry(this.#foreignKid, jwk, 'partner.microsoftonline.cn', china),
			entry(this.#boundKid, jwk, here, this.#issuer(OTHER_TENANT)),
			...own.map((key) => entry(key.kid, key.jwk, here, this.#issuer())),
		] };
	}

	/* The v1 endpoint names neither cloud nor issuer, and lists only this cloud's keys. */
	async v1Set() {
		const own = await Promise.all(this.#published);
		return { keys: own.map(({ kid, jwk }) => ({ kty: 'RSA', use: 'sig', kid, x5t: kid,
			n: jwk.n, e: jwk.e })) };
	}

	#issuer(tenant = '{tenantid}') {
		return `${this.url}/${tenant}/v2.0`;
	}
}
