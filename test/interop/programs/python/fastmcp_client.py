"""FastMCP's Client."""
from driver import TASK, run, serve
from fastmcp import Client
from fastmcp_oauth import oauth


async def main():
    async with Client(TASK["endpoint"], auth=oauth()) as client:
        async def me():
            return (await client.call_tool("me", {})).structured_content
        await serve(me)


run(main)
