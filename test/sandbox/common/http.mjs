/*
 * node:http.  An import of it by name reads each of its members, and with WebSocket loads all of fetch: 0.05 s of
 * CPU in each of some hundred processes that never call it.
 */
export default process.getBuiltinModule('node:http');
