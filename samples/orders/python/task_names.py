import hashlib
import re


def task_name(queue: str, key: str) -> str:
    """The name of the Task with this key in this queue: the rule that all clients follow."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,500}", key):
        raise ValueError(f'the key {key!r} is not 1 to 500 letters, digits, "-" and "_"')
    readable = re.sub(r"[^a-z0-9]", "-", key.lower())[:50].strip("-")
    digits = hashlib.sha256(f"{queue}/{key}".encode()).hexdigest()[:10]
    return f"{readable}-{digits}" if readable else digits
