"""Sends the client a message that is not signed, and one that is no message at all."""

print("tried", flush=True)
kernel = get_ipython().kernel
kernel.iopub_socket.send_multipart([b"stream", b"<IDS|MSG>", b"0" * 64, b"{}", b"{}", b"{}", b"{}"])
kernel.iopub_socket.send_multipart([b"no", b"message"])
