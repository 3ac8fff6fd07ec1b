"""Replaces the kernel's process by another program that sleeps."""
# with --full

# shows: was not reached
import os

os.execv("/bin/sleep", ["sleep", "9999"])
