/* A call of every tool that writes, with ids that mean nothing: what a Graph that takes all of them is asked. */
import { readTools } from '../catalogue/definitions.mjs';

/* Longer than what the kernel gives to a reader at once, so that a connection can end in the midst of it. */
const LONG = 'All work and no play. '.repeat(20_000);

export const WRITES = {
	draft_mail: { to: ['adele@contoso.example'], cc: ['zoe@contoso.example'], subject: 'Plan', body: LONG },
	draft_reply: { id: 'mail1', body: LONG, all: true },
	send_draft: { id: 'mail1' },
	send_mail: { to: ['adele@contoso.example'], subject: 'Plan', body: LONG },
	update_mail: { id: 'mail1', read: true },
	create_event: { subject: 'Plan', start: '2026-11-27T09:00:00', end: '2026-11-27T10:00:00', time_zone: 'Europe/Berlin', body: LONG },
	respond_event: { id: 'event1', answer: 'maybe', comment: 'Late.' },
	send_chat_message: { chat_id: 'chat1', text: 'Hello.' },
	create_task: { list_id: 'list1', title: 'Plan', due: '2026-11-27', note: LONG },
	update_task: { list_id: 'list1', id: 'task1', status: 'completed' },
};

const definitions = new Map(readTools().filter(({ writes }) => writes).map((tool) => [tool.name, tool]));
export const unsureOf = (name) => definitions.get(name).unsure;

/* With every tool that writes on. */
export const WRITE_SETTINGS = { GRAPH_TOOLS: [...definitions.keys()].join(), GRAPH_TOOLS_WRITE: 'true' };
