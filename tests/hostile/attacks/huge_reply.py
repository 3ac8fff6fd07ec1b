"""Sends the client replies of 200 MB on the shell channel, where no output is expected."""

# shows:
kernel = get_ipython().kernel
kernel.set_parent  # noqa: B018
stream = kernel.shell_stream
parent = kernel.get_parent("shell")
for _ in range(3):
    kernel.session.send(
        stream, "execute_reply", {"status": "ok", "x": "x" * 200_000_000},
        parent=parent, ident=kernel._parent_ident["shell"],
    )  # fmt: skip
