import functools


def memoised(method):
    """Encoding a label is slow and labels come again and again."""
    store = {}

    @functools.wraps(method)
    def wrapper(self, *key):
        if key not in store:
            store[key] = method(self, *key)
        return store[key]

    return wrapper
