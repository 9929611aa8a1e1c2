# Signs a message again and again with dkimpy: `dkimpy.py MESSAGE KEY SECONDS`. Prints the seconds that the
# best signature took.
import sys
import time

import dkim

path, key_path, seconds = sys.argv[1:]
with open(path, 'rb') as file:
    message = file.read()
with open(key_path, 'rb') as file:
    key = file.read()
best = float('inf')
end = time.perf_counter() + float(seconds)
while best == float('inf') or time.perf_counter() < end:
    start = time.perf_counter()
    dkim.sign(message, b'zero', b'example.com', key, canonicalize=(b'relaxed', b'relaxed'))
    best = min(best, time.perf_counter() - start)
print(best)
