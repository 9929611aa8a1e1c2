# Makes the mails of `mails.ts` with Python's email and smtplib: `python.py FOLDER`, the meaning on standard
# input. smtplib sends to a server that keeps what it gets.
import base64
import json
import os
import smtplib
import sys
from email.message import EmailMessage
from email.mime.text import MIMEText
from email.utils import formataddr

folder = sys.argv[1]
meaning = json.load(sys.stdin)


class Kept(smtplib.SMTP):
    """As smtplib hands a mail to its connection."""

    def __init__(self):
        pass

    def ehlo_or_helo_if_needed(self):
        self.does_esmtp = True
        self.esmtp_features = {'8bitmime': ''}

    def sendmail(self, sender, recipients, message, *_):
        self.message = message.encode('ascii') if isinstance(message, str) else message


def keep(kind, message):
    connection = Kept()
    connection.send_message(message)
    with open(os.path.join(folder, kind), 'wb') as file:
        file.write(connection.message)


def begin():
    message = EmailMessage()
    message['From'] = formataddr((meaning['name'], meaning['address']))
    message['To'] = formataddr((meaning['recipient'], 'b@example.net'))
    message['Subject'] = meaning['subject']
    return message


text = begin()
text.set_content(meaning['text'])
keep('text', text)

html = begin()
html.set_content(meaning['html'], subtype='html', cte='8bit')
keep('html', html)

mixed = begin()
mixed.set_content(meaning['text'])
mixed.add_alternative(meaning['html'], subtype='html')
mixed.add_attachment(
    base64.b64decode(meaning['attachment']),
    maintype='application',
    subtype='octet-stream',
    filename=meaning['filename'],
)
keep('mixed', mixed)

keep('empty', begin())

# The older classes, with 8-bit fields as str(message) gives them.
old = MIMEText(meaning['text'], 'plain', 'utf-8')
old['Subject'] = meaning['subject']
old['From'] = formataddr((meaning['name'], meaning['address']))
old['To'] = 'b@example.net'
with open(os.path.join(folder, 'older'), 'wb') as file:
    file.write(old.as_bytes())
