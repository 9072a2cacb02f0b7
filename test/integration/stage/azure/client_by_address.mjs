/*
 * A client of MCP that is given an address and nothing else, and what its user reads with me:
 *   node client_by_address.mjs https://gateway/mcp
 */
import { SDK2, negotiating, signingIn } from '../sdk.mjs';
import { memoryProvider } from '../sign_in.mjs';

const client = signingIn({ ...SDK2, options: negotiating('auto') }, process.argv[2], memoryProvider());
console.log(JSON.stringify(await client.me()));
await client.close();
