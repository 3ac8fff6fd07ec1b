"""Sends the client messages with missing, wrong and nested fields."""

# shows: what no kernel sends
kernel = get_ipython().kernel
for kind, content in [
    ("status", {}),
    ("status", {"execution_state": ["idle"]}),
    ("stream", {}),
    ("stream", {"name": 5, "text": {"a": 1}}),
    ("display_data", {"data": [], "metadata": None, "transient": 7}),
    ("error", {"ename": 1, "evalue": 5, "traceback": "no list"}),
    ("clear_output", {"wait": {}}),
    ("execute_result", {}),
    ("update_display_data", {"transient": {"display_id": []}}),
    ("made_up", None),
    ("comm_open", {}),
]:
    kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())
print("tried", flush=True)
