"""Sends 3 GB on the channels that nobody reads, and which this process might hold for it."""

# shows:
import zmq

kernel = get_ipython().kernel
blob = zmq.Frame(bytes(15 << 20))
for socket in (kernel.stdin_socket, kernel.control_stream.socket):
    for _ in range(100):
        for identity in list(kernel._parent_ident.values()):
            identity = identity if isinstance(identity, list) else [identity]
            try:
                socket.send_multipart([*identity, blob], zmq.DONTWAIT, copy=False)
            except (zmq.ZMQError, TypeError, AttributeError):
                pass
