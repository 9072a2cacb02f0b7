"""How a client talks with the driver, a JSON object a line: see programs.mjs."""
import asyncio
import json
import sys

TASK = json.loads(sys.argv[1])


def say(**line):
    print(json.dumps(line), flush=True)


async def serve(me):
    """Answers each line of the driver's with what me() resolves to."""
    while await asyncio.to_thread(sys.stdin.readline):
        say(me=await me())


def run(main):
    try:
        asyncio.run(main())
    except BaseException as error:  # a group of errors says nothing itself
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        say(failed=f"{type(error).__name__}: {error}")
        sys.exit(1)
