"""MentorPRO for Wagtail: rosters, assignments and access for mentoring programs."""
