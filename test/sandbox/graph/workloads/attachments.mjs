/* Attachments of a mail: their list, one, and its bytes. */
import { collection, data, entity } from '../odata/answer.mjs';
import { type } from '../odata/schema.mjs';
import { GraphRefusal, notFound } from '../refusal.mjs';
import { checkId, messageOf } from './mail.mjs';

/* contentBytes is a property of one kind alone, and no $select of the list can name it. */
const ATTACHMENT = type('attachment', 'id lastModifiedDateTime:date name contentType size:number isInline:bool');
const NAMES = ['name', 'size', 'isInline', 'contentType', 'lastModifiedDateTime'];

const contextOf = (call) => `users('${call.user.oid}')/messages('${encodeURIComponent(call.params.id)}')/attachments`;

function list(call) {
	const { attachments } = messageOf(call);
	const more = new Map(attachments.map((one) => [one.shown.id, one.more]));
	const whole = !call.query.has('$select');
	return collection(call, attachments.map(({ shown }) => shown), { type: ATTACHMENT, workload: 'outlook', always: ['id'], context: contextOf(call),
		allowed: ['$select', '$filter', '$orderby', '$top', '$skip', '$count'], filterable: NAMES, orderable: NAMES,
		expand: ({ id }) => (whole ? more.get(id)() : {}), paging: { by: '$skip', max: 1000, usual: 1000 } });
}

function attachmentOf(call) {
	const { attachments } = messageOf(call);
	checkId(call.params.attachment);
	const found = attachments.find(({ shown }) => shown.id === call.params.attachment);
	if (!found)
		throw notFound('outlook', call.params.attachment);
	return found;
}

function one(call) {
	const { shown, more } = attachmentOf(call);
	return entity(call, shown, { type: ATTACHMENT, always: ['id'], context: contextOf(call), expand: () => (call.query.has('$select') ? {} : more()) });
}

/* An item comes as MIME; what lies elsewhere has no bytes here. */
function value(call) {
	const { shown, bytes } = attachmentOf(call);
	if (shown['@odata.type'] === '#microsoft.graph.referenceAttachment')
		throw new GraphRefusal(405, 'ErrorInvalidOperation', 'The $value of a reference attachment can\'t be read.');
	return { ...data(bytes), headers: { 'content-type': shown.contentType ?? 'text/plain', ...call.applied } };
}

export const ATTACHMENTS = {
	'GET /me/messages/{id}/attachments': list,
	'GET /me/messages/{id}/attachments/{attachment}': one,
	'GET /me/messages/{id}/attachments/{attachment}/$value': value,
};
