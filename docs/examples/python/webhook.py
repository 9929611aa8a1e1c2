"""python3 webhook.py: takes events in, by their signature."""

import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = base64.b64decode(os.environ["SECRET"].replace("whsec_", ""))
TOLERANCE_SECONDS = 300


def is_genuine(headers, body):
    """Returns True if a request was signed by the secret, minutes ago at most."""
    id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not at.isdigit() or abs(time.time() - int(at)) > TOLERANCE_SECONDS:
        return False
    digest = hmac.new(SECRET, f"{id}.{at}.".encode() + body, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(digest)
    # While a secret is replaced there is one signature by each.
    given = headers.get("webhook-signature", "").encode().split(b" ")
    return any(hmac.compare_digest(expected, each) for each in given)


class Endpoint(BaseHTTPRequestHandler):
    def do_POST(self):
        # The octets as they came: what is parsed and written again may differ.
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        genuine = is_genuine(self.headers, body)
        if genuine:
            print(self.headers["webhook-id"], json.loads(body)["type"], flush=True)
        self.send_response(204 if genuine else 400)
        self.end_headers()


port = int(os.environ.get("PORT", "8080"))
ThreadingHTTPServer(("127.0.0.1", port), Endpoint).serve_forever()
