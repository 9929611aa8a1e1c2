"""python3 send.py FROM TO: sends a mail, and prints its id and status."""

import sys

from call import call

sender, recipient = sys.argv[1:]
mail = {
    "from": sender,
    "to": [recipient],
    "subject": "Your order 1042",
    "text": "It is on its way.",
}
# By the key the same order is sent once, however often this is run.
answer = call("POST", "/v1/messages", mail, idempotency_key="order-1042")
print(answer["id"], answer["status"])
