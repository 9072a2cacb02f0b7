/* What this program calls itself.  SERVICE_COMMIT comes from the build. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define SERVICE_NAME "graph-mcp-handler"
#define SERVICE_TITLE "Microsoft Graph for MCP"
#define SERVICE_VERSION "0.1.0"
#ifndef SERVICE_COMMIT
#define SERVICE_COMMIT "unknown"
#endif

#endif
