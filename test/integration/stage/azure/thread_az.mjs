/* What runs in the thread of the small az (thread.mjs). */
import './thread_fetch.mjs';

await import('../../../sandbox/azure/az/stand_in.mjs');
