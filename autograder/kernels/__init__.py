"""The kernels that submissions run in: what an exercise allows, inside a sandbox."""
