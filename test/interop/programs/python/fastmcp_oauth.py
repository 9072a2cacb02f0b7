"""FastMCP's OAuth, which opens the person's browser and waits at a loopback address of its own."""
import webbrowser

from driver import TASK, say
from fastmcp.client.auth import OAuth

webbrowser.open = lambda url: say(open=url)

IDENTITY = {"given": {"client_id": TASK["id"], "issuer": TASK["issuer"]},
            "cimd": {"client_metadata_url": TASK["id"]}, "registered": {}}


def oauth():
    return OAuth(callback_port=TASK["port"], **IDENTITY[TASK["kind"]])
