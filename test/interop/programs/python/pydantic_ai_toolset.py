"""pydantic-ai's toolset, as an agent calls it."""
from driver import TASK, run, serve
from fastmcp_oauth import oauth
from pydantic_ai.mcp import MCPToolset


async def main():
    async with MCPToolset(TASK["endpoint"], auth=oauth(), init_timeout=60) as toolset:
        async def me():
            return await toolset.direct_call_tool("me", {})
        await serve(me)


run(main)
