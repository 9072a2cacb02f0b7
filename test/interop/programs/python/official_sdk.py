"""The official Python SDK: its Client with its OAuthClientProvider."""
import asyncio
from urllib.parse import parse_qs, urlsplit

from driver import TASK, run, say, serve
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata

REDIRECT = f"http://localhost:{TASK['port']}/callback"
METADATA = dict(client_name="interop", redirect_uris=[REDIRECT], token_endpoint_auth_method="none",
                grant_types=["authorization_code", "refresh_token"])


class Memory:
    tokens = None
    client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info


class Loopback:
    """Where the person's browser comes back to."""

    def __init__(self):
        self.came = asyncio.get_running_loop().create_future()

    async def answer(self, reader, writer):
        target = (await reader.readline()).split()[1].decode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        fields = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        self.came.set_result(AuthorizationCodeResult(
            code=fields.get("code", ""), state=fields.get("state"), iss=fields.get("iss")))

    async def wait(self):
        result = await self.came
        self.came = asyncio.get_running_loop().create_future()
        return result


async def send_person(url):
    say(open=url)


def storage():
    memory = Memory()
    if TASK["kind"] == "given":
        memory.client = OAuthClientInformationFull(client_id=TASK["id"], issuer=TASK["issuer"], **METADATA)
    return memory


async def main():
    loopback = Loopback()
    await asyncio.start_server(loopback.answer, "localhost", TASK["port"])
    provider = OAuthClientProvider(
        TASK["endpoint"], OAuthClientMetadata(**METADATA), storage(), send_person, loopback.wait,
        client_metadata_url=TASK["id"] if TASK["kind"] == "cimd" else None)
    async with create_mcp_http_client(auth=provider) as http:
        async with Client(streamable_http_client(TASK["endpoint"], http_client=http)) as client:
            async def me():
                return (await client.call_tool("me", {})).structured_content
            await serve(me)


run(main)
