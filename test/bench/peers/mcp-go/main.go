// mcp-go, stateless, with the tools it is given.
package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

type greeting struct {
	Message string `json:"message"`
}

func hello(ctx context.Context, asked mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	greeted := greeting{"Hello, " + asked.GetString("name", "world") + "!"}
	return mcp.NewToolResultStructuredOnly(greeted), nil
}

func mcpServer(toolsFile string) http.Handler {
	var listed struct {
		Tools []struct {
			Name, Description string
			InputSchema       json.RawMessage
		}
	}
	text, err := os.ReadFile(toolsFile)
	if err != nil || json.Unmarshal(text, &listed) != nil {
		panic("the file of tools cannot be read")
	}
	s := server.NewMCPServer("peer", "1")
	for _, tool := range listed.Tools {
		s.AddTool(mcp.NewToolWithRawSchema(tool.Name, tool.Description, tool.InputSchema), hello)
	}
	return server.NewStreamableHTTPServer(s, server.WithStateLess(true))
}

func main() {
	http.Handle("/mcp", mcpServer(os.Args[2]))
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok")) })
	panic(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
