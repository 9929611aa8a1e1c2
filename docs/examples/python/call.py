import json
import os
import time
import urllib.error
import urllib.request


def call(method, path, body=None, idempotency_key=None):
    """Calls the API. It waits where the API asks to, and ends with what a refusal says."""
    headers = {"authorization": f"Bearer {os.environ['KEY']}"}
    if body is not None:
        headers["content-type"] = "application/json"
    if idempotency_key is not None:
        headers["idempotency-key"] = idempotency_key
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(os.environ["API"] + path, data, headers, method=method)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503):
                problem = json.load(error)
                raise SystemExit(f"{error.code}: {problem.get('detail') or problem.get('message')}")
            time.sleep(float(error.headers.get("retry-after", 5)))
