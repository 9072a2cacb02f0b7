#include "token/entra_table.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const enum err_code CODES[] = {
	[NEW_TOKEN] = ERR_INVALID_TOKEN,
	[SIGN_IN] = ERR_INTERACTION_REQUIRED,
	[USER_TOKEN] = ERR_APP_ONLY_TOKEN,
	[CONSENT] = ERR_CONSENT_REQUIRED,
	[ADMIN_CONSENT] = ERR_CONSENT_REQUIRED,
	[ADMINISTRATOR] = ERR_ACCESS_BLOCKED,
	[OPERATOR] = ERR_SERVER_CONFIGURATION,
	[WAIT] = ERR_THROTTLED,
	[TRY_AGAIN] = ERR_UPSTREAM_UNAVAILABLE,
};
static_assert(sizeof(CODES) / sizeof(CODES[0]) == ENTRA_REMEDY__COUNT, "one code per remedy");

/* Microsoft identity platform, "Microsoft Entra authentication and authorization error codes": what
 * a token endpoint can say to an exchange; not what belongs to SAML, devices' own flows, sign-out
 * or pages.  Numbers as general as 70000 ("the grant is not valid") are left to the words, which
 * say more: "UiRequiredExceptionClassification" of Microsoft's libraries, RFC 6749 §5.2, OpenID
 * Connect Core §3.1.2.6. */
static const struct {
	const char *sign;
	enum entra_remedy remedy;
} TABLE[] = {
	{"16001", SIGN_IN},         /* the account chosen is not signed in */
	{"16002", SIGN_IN},         /* the session asked for is not there */
	{"160021", SIGN_IN},        /* the same */
	{"50055", SIGN_IN},         /* password expired */
	{"50056", SIGN_IN},         /* no password */
	{"50058", SIGN_IN},         /* not signed in */
	{"50064", SIGN_IN},         /* credentials not valid */
	{"50072", SIGN_IN},         /* multi-factor authentication: to be registered for */
	{"50074", SIGN_IN},         /* ... challenge not passed */
	{"50076", SIGN_IN},         /* ... needed */
	{"50078", SIGN_IN},         /* ... too long ago */
	{"50079", SIGN_IN},         /* ... registration needed */
	{"50085", SIGN_IN},         /* signed in elsewhere too long ago */
	{"50086", SIGN_IN},         /* strong authentication failed */
	{"50089", SIGN_IN},         /* sign-in took too long */
	{"500121", SIGN_IN},        /* strong authentication not completed */
	{"50125", SIGN_IN},         /* password to be reset or registered */
	{"50126", SIGN_IN},         /* wrong name or password */
	{"50132", SIGN_IN},         /* session ended by a change of password */
	{"50133", SIGN_IN},         /* the same */
	{"50135", SIGN_IN},         /* password to be changed: it is known to others */
	{"50136", SIGN_IN},         /* a personal account's session */
	{"50137", SIGN_IN},         /* password to be changed by policy */
	{"50139", SIGN_IN},         /* session incomplete */
	{"50140", SIGN_IN},         /* "stay signed in?" to be answered */
	{"50142", SIGN_IN},         /* password to be changed by policy */
	{"50143", SIGN_IN},         /* session of another tenant */
	{"50144", SIGN_IN},         /* password expired on premises */
	{"50158", SIGN_IN},         /* external challenge */
	{"50168", SIGN_IN},         /* browser's single sign-on to be repeated */
	{"50173", SIGN_IN},         /* grant revoked */
	{"50180", SIGN_IN},         /* integrated Windows authentication needed */
	{"50192", SIGN_IN},         /* no credential sent */
	{"50197", SIGN_IN},         /* user not found by that name */
	{"50199", SIGN_IN},         /* user to confirm the application */
	{"51006", SIGN_IN},         /* integrated Windows authentication needed */
	{"70008", SIGN_IN},         /* grant expired */
	{"700020", SIGN_IN},        /* interaction needed */
	{"700082", SIGN_IN},        /* grant expired: not used */
	{"700084", SIGN_IN},        /* grant expired: a single-page application's */
	{"70043", SIGN_IN},         /* sign-in frequency */
	{"9002341", SIGN_IN},       /* single sign-on to be permitted */
	{"1000000", SIGN_IN},       /* external identity to be bound */
	{"1000002", SIGN_IN},       /* external identity was bound */
	{"50006", NEW_TOKEN},       /* signature not valid */
	{"50013", NEW_TOKEN},       /* assertion: signature, issuer or time */
	{"500131", NEW_TOKEN},      /* assertion for another audience */
	{"500133", NEW_TOKEN},      /* assertion expired */
	{"90016", NEW_TOKEN},       /* a claim is missing */
	{"240002", NEW_TOKEN},      /* an id token was sent */
	{"7000114", USER_TOKEN},    /* the assertion is an application's */
	{"65001", CONSENT},         /* nobody consented to the scope */
	{"65004", CONSENT},         /* the user declined */
	{"90008", CONSENT},         /* sign-in and profile were not consented to */
	{"90093", ADMIN_CONSENT},   /* only an administrator may */
	{"90094", ADMIN_CONSENT},   /* administrator's consent needed */
	{"90095", ADMIN_CONSENT},   /* the same, to be asked for */
	{"90097", ADMIN_CONSENT},   /* administrator's consent failed */
	{"90099", ADMIN_CONSENT},   /* application not authorized in the tenant */
	{"16000", ADMINISTRATOR},   /* account is not in the tenant */
	{"16003", ADMINISTRATOR},   /* the same */
	{"50002", ADMINISTRATOR},   /* tenant restricted by proxy */
	{"500014", ADMINISTRATOR},  /* the resource is disabled in the tenant */
	{"50005", ADMINISTRATOR},   /* platform not allowed */
	{"50014", ADMINISTRATOR},   /* guest did not redeem the invitation */
	{"50015", ADMINISTRATOR},   /* consent of a guardian */
	{"50020", ADMINISTRATOR},   /* account is not in the tenant */
	{"500021", ADMINISTRATOR},  /* tenant restriction */
	{"500022", ADMINISTRATOR},  /* the same */
	{"500208", ADMINISTRATOR},  /* account type not allowed */
	{"500212", ADMINISTRATOR},  /* outbound policy of the home tenant */
	{"500213", ADMINISTRATOR},  /* inbound policy of this tenant */
	{"5000225", ADMINISTRATOR}, /* tenant blocked for inactivity */
	{"50034", ADMINISTRATOR},   /* account is not in the tenant */
	{"500341", ADMINISTRATOR},  /* account deleted */
	{"50042", ADMINISTRATOR},   /* tenant's data incomplete */
	{"50043", ADMINISTRATOR},   /* the same */
	{"50053", ADMINISTRATOR},   /* account locked, or address malicious */
	{"50057", ADMINISTRATOR},   /* account disabled */
	{"500571", ADMINISTRATOR},  /* guest's account disabled */
	{"50097", ADMINISTRATOR},   /* device authentication needed */
	{"50099", ADMINISTRATOR},   /* device's signature not valid */
	{"50105", ADMINISTRATOR},   /* not assigned to the application */
	{"50107", ADMINISTRATOR},   /* federation realm not there */
	{"50120", ADMINISTRATOR},   /* federation: header not valid */
	{"50124", ADMINISTRATOR},   /* claims transformation misconfigured */
	{"50127", ADMINISTRATOR},   /* broker application not installed */
	{"50129", ADMINISTRATOR},   /* device not joined */
	{"50131", ADMINISTRATOR},   /* Conditional Access */
	{"50155", ADMINISTRATOR},   /* device authentication failed */
	{"50161", ADMINISTRATOR},   /* external claims misconfigured */
	{"50170", ADMINISTRATOR},   /* external control misconfigured */
	{"50177", ADMINISTRATOR},   /* external challenge impossible for this user */
	{"50178", ADMINISTRATOR},   /* session control impossible for this user */
	{"50187", ADMINISTRATOR},   /* device said nothing of itself */
	{"51000", ADMINISTRATOR},   /* feature not enabled */
	{"51004", ADMINISTRATOR},   /* account is not in the tenant */
	{"53000", ADMINISTRATOR},   /* device not compliant */
	{"53001", ADMINISTRATOR},   /* device not domain-joined */
	{"530001", ADMINISTRATOR},  /* browser not supported by policy */
	{"530002", ADMINISTRATOR},  /* device to be compliant */
	{"530003", ADMINISTRATOR},  /* device to be managed */
	{"530004", ADMINISTRATOR},  /* device compliance not configured */
	{"53002", ADMINISTRATOR},   /* application not approved */
	{"530021", ADMINISTRATOR},  /* the same */
	{"53003", ADMINISTRATOR},   /* blocked by policy */
	{"530031", ADMINISTRATOR},  /* the same */
	{"530032", ADMINISTRATOR},  /* security policy */
	{"530034", ADMINISTRATOR},  /* delegated administrator at risk */
	{"530035", ADMINISTRATOR},  /* security defaults */
	{"53004", ADMINISTRATOR},   /* registration blocked: risk */
	{"53005", ADMINISTRATOR},   /* application protection policy */
	{"530084", ADMINISTRATOR},  /* token protection policy */
	{"53009", ADMINISTRATOR},   /* application protection policy */
	{"53010", ADMINISTRATOR},   /* registration allowed from some places only */
	{"53011", ADMINISTRATOR},   /* risk in the home tenant */
	{"54000", ADMINISTRATOR},   /* minor */
	{"650052", ADMINISTRATOR},  /* organization did not subscribe */
	{"90072", ADMINISTRATOR},   /* account is not in the tenant */
	{"90123", ADMINISTRATOR},   /* identity provider denied it */
	{"130007", ADMINISTRATOR},  /* device disabled */
	{"130008", ADMINISTRATOR},  /* device not there */
	{"135011", ADMINISTRATOR},  /* device disabled */
	{"1000031", ADMINISTRATOR}, /* application cannot be accessed */
	{"1000104", ADMINISTRATOR}, /* cloud not allowed for the tenant */
	{"28002", OPERATOR},        /* scope not valid */
	{"28003", OPERATOR},        /* scope empty */
	{"50001", OPERATOR},        /* resource not there */
	{"500011", OPERATOR},       /* resource not in the tenant */
	{"50003", OPERATOR},        /* no signing key */
	{"50010", OPERATOR},        /* no audience configured */
	{"50012", OPERATOR},        /* client assertion's certificate not trusted */
	{"50029", OPERATOR},        /* address not valid */
	{"50032", OPERATOR},        /* key too weak */
	{"50048", OPERATOR},        /* client assertion: subject and issuer differ */
	{"50049", OPERATOR},        /* instance unknown */
	{"50059", OPERATOR},        /* no tenant */
	{"50128", OPERATOR},        /* domain not valid */
	{"50146", OPERATOR},        /* own signing key missing */
	{"501461", OPERATOR},       /* own signing key needed */
	{"50194", OPERATOR},        /* not a multi-tenant application */
	{"65002", OPERATOR},        /* first-party preauthorisation */
	{"65005", OPERATOR},        /* permission not registered */
	{"650053", OPERATOR},       /* scope not there */
	{"650054", OPERATOR},       /* resource removed */
	{"650056", OPERATOR},       /* permission not registered */
	{"650057", OPERATOR},       /* resource not registered */
	{"67003", OPERATOR},        /* actor no service */
	{"70001", OPERATOR},        /* application disabled or not there */
	{"700011", OPERATOR},       /* the same */
	{"700016", OPERATOR},       /* application not in the tenant */
	{"70002", OPERATOR},        /* credential not valid */
	{"700021", OPERATOR},       /* client assertion of another application */
	{"700022", OPERATOR},       /* scope of two resources */
	{"700023", OPERATOR},       /* client assertion for another audience */
	{"700024", OPERATOR},       /* client assertion expired */
	{"700025", OPERATOR},       /* public client with a credential */
	{"700027", OPERATOR},       /* client assertion's signature */
	{"70003", OPERATOR},        /* grant type not supported */
	{"700030", OPERATOR},       /* certificate's subject not authorized */
	{"70011", OPERATOR},        /* scope not valid */
	{"700211", OPERATOR},       /* federated credential: issuer */
	{"700212", OPERATOR},       /* federated credential: audience */
	{"700213", OPERATOR},       /* federated credential: subject */
	{"700229", OPERATOR},       /* federated credential: token kind */
	{"7000112", OPERATOR},      /* application disabled */
	{"7000215", OPERATOR},      /* wrong client secret */
	{"7000216", OPERATOR},      /* no credential */
	{"7000218", OPERATOR},      /* no credential */
	{"7000222", OPERATOR},      /* client secret expired */
	{"90002", OPERATOR},        /* no such tenant */
	{"90004", OPERATOR},        /* malformed request */
	{"90009", OPERATOR},        /* application asks for a token to itself */
	{"90010", OPERATOR},        /* not supported */
	{"9001023", OPERATOR},      /* grant type not at this endpoint */
	{"90014", OPERATOR},        /* request lacks a field */
	{"900144", OPERATOR},       /* the same */
	{"90015", OPERATOR},        /* query too long */
	{"90019", OPERATOR},        /* no tenant */
	{"90023", OPERATOR},        /* malformed request */
	{"9002313", OPERATOR},      /* the same */
	{"9002332", OPERATOR},      /* endpoint for personal accounts */
	{"90027", OPERATOR},        /* version 1 for a personal account */
	{"90038", OPERATOR},        /* tenant of another cloud */
	{"900382", OPERATOR},       /* another cloud */
	{"90043", OPERATOR},        /* another cloud */
	{"900432", OPERATOR},       /* another cloud */
	{"90051", OPERATOR},        /* cloud not known */
	{"90056", OPERATOR},        /* malformed request */
	{"900561", OPERATOR},       /* method not allowed */
	{"90100", OPERATOR},        /* parameter not valid */
	{"901002", OPERATOR},       /* resource parameter */
	{"9010010", OPERATOR},      /* resource and scope differ */
	{"90102", OPERATOR},        /* address not valid */
	{"90124", OPERATOR},        /* endpoint for any tenant */
	{"90130", OPERATOR},        /* the same */
	{"100007", OPERATOR},       /* regional endpoint */
	{"50088", WAIT},            /* telephone limit */
	{"50166", WAIT},            /* claims provider throttled */
	{"50196", WAIT},            /* client in a loop */
	{"90055", WAIT},            /* too many requests */
	{"50000", TRY_AGAIN},       /* token could not be issued */
	{"50033", TRY_AGAIN},       /* transient */
	{"50087", TRY_AGAIN},       /* strong authentication: transient */
	{"501621", TRY_AGAIN},      /* claims transformation timed out */
	{"70012", TRY_AGAIN},       /* personal accounts: server error */
	{"90006", TRY_AGAIN},       /* external service */
	{"90012", TRY_AGAIN},       /* timed out */
	{"90024", TRY_AGAIN},       /* transient */
	{"90033", TRY_AGAIN},       /* directory */
	{"90036", TRY_AGAIN},       /* the same */
	{"90090", TRY_AGAIN},       /* Graph, which Entra asked */
	{"90091", TRY_AGAIN},       /* the same */
	{"90092", TRY_AGAIN},       /* the same */

	{"suberror basic_action", SIGN_IN},
	{"suberror user_password_expired", SIGN_IN},
	{"suberror ux_not_allowed", SIGN_IN},
	{"suberror interrupted_user", SIGN_IN},
	{"suberror bad_token", NEW_TOKEN},
	{"suberror token_expired", NEW_TOKEN},
	{"suberror client_mismatch", NEW_TOKEN}, /* the grant is another application's */
	{"suberror consent_required", CONSENT},
	{"suberror message_only", ADMINISTRATOR},      /* signing in would only show a message */
	{"suberror additional_action", ADMINISTRATOR}, /* to be done outside of the sign-in */
	{"suberror protection_policy_required", ADMINISTRATOR},
	{"suberror device_authentication_failed", ADMINISTRATOR},
	{"error interaction_required", SIGN_IN},
	{"error login_required", SIGN_IN},
	{"error account_selection_required", SIGN_IN},
	{"error invalid_grant", NEW_TOKEN},
	{"error bad_token", NEW_TOKEN},
	{"error consent_required", CONSENT},
	{"error access_denied", ADMINISTRATOR},
	{"error slow_down", WAIT},
	{"error temporarily_unavailable", TRY_AGAIN},
	{"error server_error", TRY_AGAIN},
};

/* Whether there is a row for that sign: the word, with its kind in front. */
static bool find(const char *kind, const char *word, enum entra_remedy *ret)
{
	size_t n = strlen(kind);

	for (size_t i = 0; word && i < sizeof(TABLE) / sizeof(TABLE[0]); i++) {
		if (!strncmp(TABLE[i].sign, kind, n) && !strcmp(TABLE[i].sign + n, word)) {
			*ret = TABLE[i].remedy;
			return true;
		}
	}
	return false;
}

enum entra_remedy entra_remedy(int64_t number, const char *suberror, const char *error)
{
	enum entra_remedy remedy = error && *error ? OPERATOR : TRY_AGAIN;
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, number);
	if (!find("", digits, &remedy) && !find("suberror ", suberror, &remedy))
		find("error ", error, &remedy);
	return remedy;
}

enum err_code entra_remedy_code(enum entra_remedy remedy)
{
	return CODES[remedy];
}
