/* To Do, which lives in the mailbox, and Planner, which does not. */
import { hasMailbox } from '../data/cast.mjs';
import { collection, entity } from '../odata/answer.mjs';
import { type } from '../odata/schema.mjs';
import { noMailbox, notFound } from '../refusal.mjs';
import { checkId } from './mail.mjs';

const LIST = type('todoTaskList', 'id displayName isOwner:bool isShared:bool wellknownListName');
const TASK = type('todoTask',
	`id importance isReminderOn:bool status title createdDateTime:date lastModifiedDateTime:date hasAttachments:bool categories:object body:object
	bodyLastModifiedDateTime:date dueDateTime:object completedDateTime:object reminderDateTime:object startDateTime:object recurrence:object`);
const PLANNER = type('plannerTask',
	`id planId bucketId title orderHint assigneePriority percentComplete:number startDateTime:date createdDateTime:date dueDateTime:date
	hasDescription:bool previewType completedDateTime:date completedBy:object referenceCount:number checklistItemCount:number activeChecklistItemCount:number
	conversationThreadId priority:number createdBy:object appliedCategories:object assignments:object`);
const OPTIONS = ['$top', '$skip', '$filter', '$orderby', '$count'];	/* $select is not known to be taken everywhere, and so by none */

function listsOf(call) {
	if (!hasMailbox(call.user))
		throw noMailbox();
	return call.world.taskLists;
}

function listOf(call) {
	checkId(call.params.list);
	const found = listsOf(call).find(({ shown }) => shown.id === call.params.list);
	if (!found)
		throw notFound('outlook', call.params.list);
	return found;
}

const lists = (call) => collection(call, listsOf(call).map(({ shown }) => shown), { type: LIST, workload: 'outlook',
	context: `users('${call.user.oid}')/todo/lists`,
	allowed: OPTIONS, filterable: ['displayName'], orderable: ['displayName'], paging: { by: '$skip', max: 1000, usual: 100 } });

const tasks = (call) => collection(call, listOf(call).tasks, { type: TASK, workload: 'outlook',
	context: `users('${call.user.oid}')/todo/lists('x')/tasks`, allowed: OPTIONS,
	filterable: ['status', 'importance', 'title', 'createdDateTime', 'lastModifiedDateTime', 'dueDateTime/dateTime'],
	orderable: ['createdDateTime', 'lastModifiedDateTime', 'title', 'importance', 'dueDateTime/dateTime'], paging: { by: '$skip', max: 1000,
		usual: 10 } });

function task(call) {
	checkId(call.params.task);
	const found = listOf(call).tasks.find(({ id }) => id === call.params.task);
	if (!found)
		throw notFound('outlook', call.params.task);
	return entity(call, found, { type: TASK, context: 'todo/tasks' });
}

export const TASKS = {
	'GET /me/todo/lists': lists,
	'GET /me/todo/lists/{list}': (call) => entity(call, listOf(call).shown, { type: LIST, context: 'todo/lists' }),
	'GET /me/todo/lists/{list}/tasks': tasks,
	'GET /me/todo/lists/{list}/tasks/{task}': task,
	'GET /me/planner/tasks': (call) => collection(call, call.world.plannerTasks, { type: PLANNER, workload: 'planner',
		context: 'Collection(plannerTask)', allowed: [], paging: {} }),
};
