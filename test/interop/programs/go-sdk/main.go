// The official Go SDK: its client with its AuthorizationCodeHandler.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

var task struct {
	Endpoint, Kind, ID, Issuer string
	Port                       int
}

func say(name string, value any) {
	line, _ := json.Marshal(map[string]any{name: value})
	fmt.Println(string(line))
}

func must[T any](value T, err error) T {
	if err != nil {
		say("failed", err.Error())
		os.Exit(1)
	}
	return value
}

// Where the person's browser comes back to.
func loopback() chan *auth.AuthorizationResult {
	came := make(chan *auth.AuthorizationResult, 1)
	listener := must(net.Listen("tcp", fmt.Sprintf("localhost:%d", task.Port)))
	go http.Serve(listener, http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		query := request.URL.Query()
		came <- &auth.AuthorizationResult{Code: query.Get("code"), State: query.Get("state"), Iss: query.Get("iss")}
	}))
	return came
}

func handler(redirect string) auth.OAuthHandler {
	came := loopback()
	config := &auth.AuthorizationCodeHandlerConfig{
		RedirectURL:         redirect,
		RequestRefreshToken: true,
		AuthorizationCodeFetcher: func(_ context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
			say("open", args.URL)
			return <-came, nil
		},
	}
	switch task.Kind {
	case "given":
		config.PreregisteredClient = &oauthex.ClientCredentials{ClientID: task.ID, Issuer: task.Issuer}
	case "cimd":
		config.ClientIDMetadataDocumentConfig = &auth.ClientIDMetadataDocumentConfig{URL: task.ID}
	case "registered":
		config.DynamicClientRegistrationConfig = &auth.DynamicClientRegistrationConfig{
			Metadata: &oauthex.ClientRegistrationMetadata{ClientName: "interop", RedirectURIs: []string{redirect},
				GrantTypes: []string{"authorization_code", "refresh_token"}}}
	}
	return must(auth.NewAuthorizationCodeHandler(config))
}

func main() {
	must(0, json.Unmarshal([]byte(os.Args[1]), &task))
	ctx := context.Background()
	transport := &mcp.StreamableClientTransport{Endpoint: task.Endpoint,
		OAuthHandler: handler(fmt.Sprintf("http://localhost:%d/callback", task.Port))}
	session := must(mcp.NewClient(&mcp.Implementation{Name: "interop", Version: "1"}, nil).Connect(ctx, transport, nil))
	defer session.Close()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		say("me", must(session.CallTool(ctx, &mcp.CallToolParams{Name: "me"})).StructuredContent)
	}
}
