"""FastMCP on uvicorn, stateless and answering in JSON: its fastest form."""
import sys

from fastmcp import FastMCP

mcp = FastMCP("peer")


@mcp.tool
def hello(name: str = "world") -> dict[str, str]:
    """Returns a greeting."""
    return {"message": f"Hello, {name}!"}


@mcp.tool
def echo(text: str) -> dict[str, str]:
    """Returns the text it is given, unchanged."""
    return {"text": text}


mcp.run(transport="http", host="127.0.0.1", port=int(sys.argv[1]), path="/mcp",
        stateless_http=True, json_response=True, log_level="error", show_banner=False)
