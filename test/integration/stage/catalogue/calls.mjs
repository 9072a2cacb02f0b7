/* A call of every tool of the catalogue by a user of the sandbox, with ids that other tools gave. */
import { readTools } from './definitions.mjs';

const WHEN = { start: '2026-11-01T00:00:00+01:00', end: '2026-12-01T00:00:00Z', time_zone: 'Europe/Berlin' };

/* The permissions that the catalogue names. */
export const permissions = [...new Set(readTools().flatMap(({ permissions: own, look }) => [...own, ...look?.permissions ?? []]))];

const LETTER = { to: ['zoe@contoso.example'], subject: 'Budget', body: 'Here it is.\n' };

/* {answers: a tool's result by its name, filled by who calls; calls: [a tool, its arguments from what came before], in order;
 * writes: the same of those that write, to be made behind them}. */
export function catalogueCalls() {
	const answers = {};
	const first = (name) => Object.values(answers[name]).find(Array.isArray)[0];
	const attached = () => answers.list_mail.mails.find(({ attachments }) => attachments);
	return { answers, calls: [
		['list_mail', () => ({ limit: 2 })],
		['list_mail', () => ({ cursor: answers.list_mail.cursor })],
		['list_mail', () => ({ unread: true, until: WHEN.end })],
		['list_mail', () => ({ from: first('list_mail').address })],
		['list_mail', () => ({ search: 'budget', since: '2020-01-01T00:00:00Z' })],
		['get_mail', () => ({ id: first('list_mail').id })],
		['list_mail', () => ({ limit: 50 })],
		['list_attachments', () => ({ id: attached().id })],
		['read_attachment', () => ({ id: attached().id, attachment_id: first('list_attachments').id })],
		['list_mail_folders'],
		['list_mail', () => ({ folder: first('list_mail_folders').id })],
		['list_events', () => ({ ...WHEN, limit: 3 })],
		['get_event', () => ({ id: first('list_events').id })],
		['search_users', () => ({ query: 'a', limit: 2 })],
		['find_free_time', () => ({ people: [first('search_users').mail], ...WHEN, minutes: 60 })],
		['get_user', () => ({ id: first('search_users').id })],
		['list_contacts', () => ({ limit: 2 })],
		['list_contacts', () => ({ query: first('list_contacts').name.split(' ')[0] })],
		['find_people', () => ({ query: 'a' })],
		...['my_manager', 'my_reports', 'my_groups', 'my_presence'].map((name) => [name]),
		['search_files', () => ({ query: 'report' })],
		['list_folder'],
		['list_folder', () => ({ id: first('list_folder').id })],
		['get_file', () => ({ id: first('search_files').id })],
		['read_file', () => ({ id: answers.search_files.files.find(({ type }) => type).id })],
		['list_chats'],
		['list_chat_messages', () => ({ chat_id: first('list_chats').id, limit: 2 })],
		['list_teams'],
		['list_channels', () => ({ team_id: first('list_teams').id })],
		['list_channel_messages', () => ({ team_id: first('list_teams').id, channel_id: first('list_channels').id })],
		['list_task_lists'],
		['list_tasks', () => ({ list_id: first('list_task_lists').id })],
		['my_planner_tasks'],
		...['budget', 'report', 'a'].map((query) => ['search', () => ({ query })]),
		['fetch', () => ({ id: first('search').id })],
		['search_sites', () => ({ query: 'a' })],
		['list_lists', () => ({ site_id: first('search_sites').id })],
		['list_items', () => ({ site_id: first('search_sites').id, list_id: first('list_lists').id, limit: 1 })],
	], writes: [
		['draft_mail', () => ({ ...LETTER, cc: ['adele@contoso.example'] })],
		['draft_reply', () => ({ id: first('list_mail').id, body: 'Thank you.', all: true })],
		['send_draft', () => ({ id: answers.draft_mail.id })],
		['send_mail', () => ({ ...LETTER })],
		['update_mail', () => ({ id: first('list_mail').id, read: true, folder: 'archive' })],
		['create_event', () => ({ subject: 'Budget', start: '2026-11-27T09:00:00', end: '2026-11-27T10:00:00', time_zone: 'Europe/Berlin',
			attendees: LETTER.to, body: 'Bring it.', online: true })],
		['respond_event', () => ({ id: answers.list_events.events.find(({ response, cancelled }) => response !== 'organizer' && !cancelled).id,
			answer: 'maybe', comment: 'Late.' })],
		['send_chat_message', () => ({ chat_id: first('list_chats').id, text: 'Here it is.' })],
		['create_task', () => ({ list_id: first('list_task_lists').id, title: 'Budget', due: '2026-11-27', note: 'All of it.' })],
		['update_task', () => ({ list_id: first('list_task_lists').id, id: answers.create_task.id, status: 'completed' })],
	] };
}
