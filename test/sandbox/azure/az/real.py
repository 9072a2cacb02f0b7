"""The real az for tests, which call it some dozen times at a desk: most of a call is to load the modules that all of them need.

So one process has them, and starts each call as a copy of itself, from which on it is `python -m azure.cli`.  How it is asked and how
it answers stands in stand_in.mjs.
"""
import importlib
import os
import runpy
import select
import signal
import socket
import sys
import tempfile
import time

# Nothing in the played Azure takes time by the clock, so az does not wait by it either (a minute after each package).
sleep = time.sleep
time.sleep = lambda seconds: sleep(min(seconds, 0.01))

for name in ("azure.cli.command_modules.profile", "azure.cli.core.aaz", "azure.cli.core.auth.identity", "azure.cli.core.intercept_survey",
             "azure.cli.core.parser", "azure.cli.telemetry.components.telemetry_client", "jmespath", "msrest", "psutil"):
    importlib.import_module(name)


def asked(connection):
    """The folder and the arguments."""
    received = b""
    while True:
        count, *words = received.split(b"\0")
        if words and len(words) > int(count):
            return [os.fsdecode(word) for word in words[:-1]]
        more = connection.recv(65536)
        if not more:
            sys.exit()  # whoever asked has ended
        received += more


def wait(az, connection, out, err):
    """Answers with what the process az said, when it has ended."""
    status = os.waitstatus_to_exitcode(os.waitpid(az, 0)[1])
    for file in out, err:
        file.seek(0)
    errors = err.read()
    connection.sendall(b"%d\n%d\n%b%b" % (status, len(errors), errors, out.read()))


server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    if sys.stdin in select.select([server, sys.stdin], [], [])[0]:
        sys.exit()  # whoever started it has ended
    connection, _ = server.accept()
    if not os.fork():
        break
    connection.close()

signal.signal(signal.SIGCHLD, signal.SIG_DFL)
folder, *args = asked(connection)
out, err, nothing = tempfile.TemporaryFile(), tempfile.TemporaryFile(), open(os.devnull)
az = os.fork()
if az:
    wait(az, connection, out, err)
    os._exit(0)
for file, number in (nothing, 0), (out, 1), (err, 2):
    os.dup2(file.fileno(), number)
os.chdir(folder)
sys.argv = ["az", *args]
runpy.run_module("azure.cli", run_name="__main__", alter_sys=True)
