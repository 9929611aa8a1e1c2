# Verifies each message of a folder with dkimpy, as of a time in seconds since 1970: `dkimpy.py TIME FOLDER
# RECORD`, the record answering for every name. Prints one line a message: its file name and pass or fail.
import os
import sys
import time

import dkim

now, folder, record = sys.argv[1:]
time.time = lambda: int(now)
for name in sorted(os.listdir(folder)):
    with open(os.path.join(folder, name), 'rb') as file:
        message = file.read()
    try:
        verdict = dkim.verify(message, dnsfunc=lambda *_, **__: record.encode())
    except dkim.DKIMException as error:
        verdict = False
        print(error, file=sys.stderr)
    print(name, 'pass' if verdict else 'fail')
