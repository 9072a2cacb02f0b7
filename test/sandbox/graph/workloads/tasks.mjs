/* To Do, which lives in the mailbox, and Planner, which does not. */
import { hasMailbox } from '../data/cast.mjs';
import { iso, outlookId } from '../data/seed.mjs';
import { collection, entity } from '../odata/answer.mjs';
import { type } from '../odata/schema.mjs';
import { badRequest, noMailbox, notFound } from '../refusal.mjs';
import { bodyMoment } from './calendar.mjs';
import { checkId } from './mail.mjs';
import { bodyOf, checkKnown, created, invalid } from './writing.mjs';

const LIST = type('todoTaskList', 'id displayName isOwner:bool isShared:bool wellknownListName');
const TASK = type('todoTask',
	`id importance isReminderOn:bool status title createdDateTime:date lastModifiedDateTime:date hasAttachments:bool categories:object body:object
	bodyLastModifiedDateTime:date dueDateTime:object completedDateTime:object reminderDateTime:object startDateTime:object recurrence:object`);
const PLANNER = type('plannerTask',
	`id planId bucketId title orderHint assigneePriority percentComplete:number startDateTime:date createdDateTime:date dueDateTime:date
	hasDescription:bool previewType completedDateTime:date completedBy:object referenceCount:number checklistItemCount:number activeChecklistItemCount:number
	conversationThreadId priority:number createdBy:object appliedCategories:object assignments:object`);
const STATES = ['notStarted', 'inProgress', 'completed', 'waitingOnOthers', 'deferred'];
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

function taskOf(call) {
	checkId(call.params.task);
	const found = listOf(call).tasks.find(({ id }) => id === call.params.task);
	if (!found)
		throw notFound('outlook', call.params.task);
	return found;
}

const shownTask = (call, task) => entity(call, task, { type: TASK, context: 'todo/tasks' });

/* The properties of a task that a caller may give. */
function readTask(call) {
	const { body } = call;
	checkKnown(body, TASK);
	const { title, status, importance, dueDateTime } = body;
	if (title !== undefined && (typeof title !== 'string' || title === ''))
		throw invalid('The title of a task must not be empty.', 'invalidRequest');
	for (const [value, known] of [[status, STATES], [importance, ['low', 'normal', 'high']]]) {
		if (value !== undefined && !known.includes(value))
			throw badRequest(`Requested value '${value}' was not found.`);
	}
	if (dueDateTime)
		bodyMoment(dueDateTime, 'dueDateTime');
	return { ...body, ...(body.body === undefined ? {} : { body: bodyOf(body.body) }) };
}

const today = (call) => ({ dateTime: `${iso(call.world.now).slice(0, 10)}T00:00:00.0000000`, timeZone: 'UTC' });

function createTask(call) {
	const { tasks: all } = listOf(call);
	const given = readTask(call);
	if (given.title === undefined)
		throw invalid('The title of a task must not be empty.', 'invalidRequest');
	const n = call.world.next();
	const at = iso(call.world.moment(n));
	const made = { '@odata.etag': `W/"written${n}"`, importance: 'normal', isReminderOn: false, status: 'notStarted', createdDateTime: at,
		lastModifiedDateTime: at, hasAttachments: false, categories: [], id: outlookId('AAMkAGI2', call.user.oid, 'written task', n),
		body: { content: '', contentType: 'text' }, ...given };
	all.unshift(made);
	return created(shownTask(call, made));
}

function changeTask(call) {
	const found = taskOf(call);
	const given = readTask(call);
	Object.assign(found, given, { lastModifiedDateTime: iso(call.world.moment(call.world.next())) });
	if (given.status === 'completed')
		found.completedDateTime = today(call);
	else if (given.status)
		delete found.completedDateTime;
	return shownTask(call, found);
}

export const TASKS = {
	'GET /me/todo/lists': lists,
	'GET /me/todo/lists/{list}': (call) => entity(call, listOf(call).shown, { type: LIST, context: 'todo/lists' }),
	'GET /me/todo/lists/{list}/tasks': tasks,
	'GET /me/todo/lists/{list}/tasks/{task}': (call) => shownTask(call, taskOf(call)),
	'POST /me/todo/lists/{list}/tasks': createTask,
	'PATCH /me/todo/lists/{list}/tasks/{task}': changeTask,
	'GET /me/planner/tasks': (call) => collection(call, call.world.plannerTasks, { type: PLANNER, workload: 'planner',
		context: 'Collection(plannerTask)', allowed: [], paging: {} }),
};
