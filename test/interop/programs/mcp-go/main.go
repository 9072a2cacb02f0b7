// mcp-go: its client, and the steps of signing in that it leaves to the program.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
)

var task struct {
	Endpoint, Kind, ID string
	Port               int
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
func loopback() chan url.Values {
	came := make(chan url.Values, 1)
	listener := must(net.Listen("tcp", fmt.Sprintf("localhost:%d", task.Port)))
	go http.Serve(listener, http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		came <- request.URL.Query()
	}))
	return came
}

func signIn(ctx context.Context, refused error) {
	oauth := client.GetOAuthHandler(refused)
	if oauth.GetClientID() == "" {
		must(0, oauth.RegisterClient(ctx, "interop"))
	}
	state := must(client.GenerateState())
	verifier := must(client.GenerateCodeVerifier())
	came := loopback()
	say("open", must(oauth.GetAuthorizationURL(ctx, state, client.GenerateCodeChallenge(verifier))))
	back := <-came
	must(0, oauth.ProcessAuthorizationResponse(ctx, back.Get("code"), back.Get("state"), verifier))
}

func connect(ctx context.Context, it *client.Client) error {
	if err := it.Start(ctx); err != nil {
		return err
	}
	request := mcp.InitializeRequest{}
	request.Params.ProtocolVersion = mcp.LATEST_PROTOCOL_VERSION
	request.Params.ClientInfo = mcp.Implementation{Name: "interop", Version: "1"}
	_, err := it.Initialize(ctx, request)
	return err
}

func main() {
	must(0, json.Unmarshal([]byte(os.Args[1]), &task))
	ctx := context.Background()
	config := client.OAuthConfig{ClientID: task.ID, PKCEEnabled: true,
		RedirectURI: fmt.Sprintf("http://localhost:%d/callback", task.Port)}
	it := must(client.NewOAuthStreamableHttpClient(task.Endpoint, config))
	err := connect(ctx, it)
	if client.IsOAuthAuthorizationRequiredError(err) {
		signIn(ctx, err)
		err = connect(ctx, it)
	}
	must(0, err)
	defer it.Close()
	call := mcp.CallToolRequest{}
	call.Params.Name = "me"
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		say("me", must(it.CallTool(ctx, call)).StructuredContent)
	}
}
