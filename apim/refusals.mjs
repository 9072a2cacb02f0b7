/*
 * What becomes of each refusal of Entra, from the handler's own table (handler/token/entra_table.c),
 * so that the gateway decides as the handler does.
 */
import { readFileSync } from 'node:fs';

const TABLE = new URL('../handler/token/entra_table.c', import.meta.url);

/* [{sign, remedy, code}]: an error number, "suberror WORD" or "error WORD"; the kind; our error's code. */
export function readRefusals(text = readFileSync(TABLE, 'utf8')) {
	const codes = new Map([...text.matchAll(/^\t\[(\w+)\] = ERR_(\w+),$/gm)].map(([, remedy, code]) => [remedy, code.toLowerCase()]));
	const rows = [...text.matchAll(/^\t\{"([a-z0-9_ ]+)", (\w+)\},/gm)];
	if (!rows.length || rows.some(([, , remedy]) => !codes.has(remedy))) throw new Error(`${TABLE.pathname} cannot be read`);
	return rows.map(([, sign, remedy]) => ({ sign, remedy, code: codes.get(remedy) }));
}

/* SIGN=CODE for a policy to look up; with =admin where only an administrator can consent. */
export const listRefusals = () => readRefusals().map(({ sign, remedy, code }) => `${sign}=${code}${remedy === 'ADMIN_CONSENT' ? '=admin' : ''}`);
