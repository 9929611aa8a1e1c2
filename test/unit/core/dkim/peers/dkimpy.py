# Verifies each message of a folder with dkimpy: `dkimpy.py FOLDER RECORD`, the record answering for every
# name. Prints one line a message: its file name and pass or fail.
import os
import sys

import dkim

folder, record = sys.argv[1:]
for name in sorted(os.listdir(folder)):
    with open(os.path.join(folder, name), 'rb') as file:
        message = file.read()
    try:
        verdict = dkim.verify(message, dnsfunc=lambda *_, **__: record.encode())
    except dkim.DKIMException as error:
        verdict = False
        print(error, file=sys.stderr)
    print(name, 'pass' if verdict else 'fail')
