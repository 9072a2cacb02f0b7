/* The Functions host's own settings, as far as they say how it calls us: customHandler in
 * host.json, and the app settings AzureFunctionsJobHost__customHandler__... that go before it.
 */
#ifndef HTTP_HOST_JSON_H
#define HTTP_HOST_JSON_H

#include <stdbool.h>

/* True when both enableForwardingHttpRequest and enableProxyingHttpRequest are off, so that every
 * call comes as an envelope.  environment: name=value texts, NULL behind the last, among them
 * FUNCTIONS_APP_ROOT_PATH, the folder of host.json; without it that is the program's own folder or
 * the one above.  False, and logged, when there is none or it cannot be read. */
bool host_sends_envelopes(char *const *environment);

#endif
