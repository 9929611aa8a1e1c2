# Verifies the signature of a domain on messages with dkimpy, as of a time in seconds since 1970:
# `dkimpy.py TIME KEYS DOMAIN FOLDER`, KEYS a file of lines "name record". Prints one line a message: pass,
# or what dkimpy says.
import os
import sys
import time

import dkim
import dkim.util

now, keys, domain, folder = sys.argv[1:]
time.time = lambda: int(now)
with open(keys) as file:
    records = dict(line.rstrip('\n').split(' ', 1) for line in file)


def lookup(name, **_):
    name = name.decode() if isinstance(name, bytes) else name
    record = records.get(name.rstrip('.'))
    return record.encode() if record else None


def verify(message):
    verifier = dkim.DKIM(message)
    signatures = [value for name, value in verifier.headers if name.lower() == b'dkim-signature']
    for index, value in enumerate(signatures):
        if dkim.util.parse_tag_value(value)[b'd'].decode() != domain:
            continue
        return 'pass' if dkim.DKIM(message).verify(idx=index, dnsfunc=lookup) else 'fail'
    return 'no signature'


for name in sorted(os.listdir(folder)):
    with open(os.path.join(folder, name), 'rb') as file:
        message = file.read()
    try:
        print(verify(message))
    except Exception as error:
        print(repr(error).replace('\n', ' '))
