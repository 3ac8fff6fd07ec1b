"""What comes into a course and goes out of it: rosters, submissions, marks; and what is forgotten.

Submissions and marks come from and go to a learning platform as the files that it writes and reads
itself; nothing here speaks to one.
"""
