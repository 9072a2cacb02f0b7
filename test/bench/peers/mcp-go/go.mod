module peer

go 1.23

require github.com/mark3labs/mcp-go v1.2.1
