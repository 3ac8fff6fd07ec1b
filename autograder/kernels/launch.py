"""Starts ipykernel, before anything that was handed in can be imported.

Called as `python -I -S launch.py PACKAGES -f FILE`; what it imports has to be in PACKAGES.
"""

import json
import os
import sys

sys.path.append(sys.argv[1])

import zmq  # noqa: E402
from ipykernel.kernelapp import IPKernelApp  # noqa: E402
from IPython.core.autocall import ZMQExitAutocall  # noqa: E402


def main():
    """Run a kernel to its end."""
    # exit() at the top of a notebook ends its cell, as sys.exit() does, and not the kernel.
    ZMQExitAutocall.__call__ = lambda *_, **__: sys.exit()
    prepare_sockets(json.loads(os.environ.pop("SOCKETS", "{}")))
    app = IPKernelApp.instance()
    app.initialize(sys.argv[2:])
    open_folder_at_first_cell(app.shell.events)
    app.start()


def prepare_sockets(made):
    """Let ZeroMQ use the sockets that `inside.py` made, whose folder is read-only here.

    And a kernel that prints faster than anyone reads waits, where ZeroMQ would throw away what
    comes last: the word that the cell is done.

    Args:
        made: a socket's file name to its descriptor.
    """
    bind = zmq.Socket.bind

    def bind_to_made(self, address):
        name = address.rpartition("/")[2]
        if name in made:
            os.set_inheritable(made[name], False)
            self.use_fd = made.pop(name)
        if self.type == zmq.XPUB:
            self.setsockopt(zmq.XPUB_NODROP, 1)
        return bind(self, address)

    zmq.Socket.bind = bind_to_made


def open_folder_at_first_cell(events):
    """Make the notebook's folder importable, once the kernel needs nothing more to be up.

    Before, an orjson.py that was handed in would run in its start. The folder comes last: a
    numpy.py hides no library.

    Args:
        events: IPython's.
    """

    def open_folder():
        sys.path.append(".")
        events.unregister("pre_execute", open_folder)

    events.register("pre_execute", open_folder)


main()
