"""The one exception for a user's mistake or a failing outside world: a sentence, not a stack trace."""


class UserError(Exception):
    """Carries one clear sentence: what went wrong, where, and what to do. Stages print it and exit 1."""
