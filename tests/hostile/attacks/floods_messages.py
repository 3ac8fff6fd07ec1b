"""Sends a million small messages: displays, comms and status, as fast as it can."""
# with --full

# shows:
import time

kernel = get_ipython().kernel
end = time.time() + 4
while time.time() < end:
    for kind, content in [
        ("display_data", {"data": {"text/plain": "x"}, "metadata": {}, "transient": {}}),
        ("comm_open", {"comm_id": "1", "target_name": "jupyter.widget", "data": {"state": {}}}),
        ("comm_msg", {"comm_id": "1", "data": {"state": {"a": 1}}}),
        ("status", {"execution_state": "busy"}),
        ("status", {"execution_state": "x" * 10_000}),
    ]:
        kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())
