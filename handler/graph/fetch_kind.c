#include "graph/fetch_kind.h"

#include <assert.h>

#define TEXT_BODY "outlook.body-content-type=\"text\""
#define CREATED "createdDateTime"
#define MODIFIED "lastModifiedDateTime"
#define MODIFIED_BY "lastModifiedBy.user.displayName"
#define FROM "from.user.displayName from.application.displayName"

static const struct fetch_kind KINDS[] = {
	[FOUND_MAIL] = {"Mail.Read", {"/me/messages/"},
		"$select=subject,from,receivedDateTime,webLink,body", TEXT_BODY, "subject",
		"webLink", "This mail is not there any more.",
		{{"from", "from.emailAddress.name"}, {"address", "from.emailAddress.address"},
			{"received", "receivedDateTime"}}},
	[FOUND_EVENT] = {"Calendars.Read", {"/me/events/"},
		"$select=subject,start,end,location,organizer,webLink,body", TEXT_BODY, "subject",
		"webLink", "This event is not there any more.",
		{{"start", "start.dateTime"}, {"end", "end.dateTime"},
			{"timeZone", "start.timeZone"}, {"location", "location.displayName"},
			{"organizer", "organizer.emailAddress.name"}}},
	[FOUND_CHAT] = {"Chat.Read", {"/chats/", "/messages/"}, NULL, NULL, "subject " FROM,
		"webUrl", "This message is not there any more.",
		{{"from", FROM}, {"created", CREATED}}},
	[FOUND_POST] = {"ChannelMessage.Read.All", {"/teams/", "/channels/", "/messages/"}, NULL,
		NULL, "subject " FROM, "webUrl",
		"This message is not there any more, or answers another.",
		{{"from", FROM}, {"created", CREATED}}},
	[FOUND_FILE] = {"Sites.Read.All", {"/drives/", "/items/"},
		"$select=name,size,file,folder,webUrl,lastModifiedDateTime,lastModifiedBy", NULL,
		"name", "webUrl", "This file is not there any more.",
		{{"type", "file.mimeType"}, {"size", "size"}, {"modified", MODIFIED},
			{"modifiedBy", MODIFIED_BY}}},
	[FOUND_ITEM] = {"Sites.Read.All", {"/sites/", "/lists/", "/items/"}, "$expand=fields", NULL,
		"fields.Title fields.LinkTitle fields.FileLeafRef", "webUrl",
		"This item is not there any more.",
		{{"modified", MODIFIED}, {"modifiedBy", MODIFIED_BY}}},
	[FOUND_SITE] = {"Sites.Read.All", {"/sites/"},
		"$select=displayName,name,description,webUrl,lastModifiedDateTime", NULL,
		"displayName name", "webUrl", "This site is not there any more.",
		{{"modified", MODIFIED}}},
	[FOUND_HIT] = {.permission = NULL},
};
static_assert(sizeof(KINDS) / sizeof(KINDS[0]) == FOUND__COUNT, "a row for each kind");

const struct fetch_kind *fetch_kind(enum found_kind kind)
{
	return &KINDS[kind];
}
