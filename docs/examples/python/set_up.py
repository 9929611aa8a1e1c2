"""python3 set_up.py DOMAIN: claims a domain, prints its records, and waits until it may send."""

import sys
import time

from call import call

name = sys.argv[1]
call("POST", "/v1/domains", {"name": name}, idempotency_key=f"set-up-{name}")

# Amazon SES gives the value of one record a few seconds later.
domain = call("GET", f"/v1/domains/{name}")
while any(record["value"] == "" for record in domain["records"]):
    time.sleep(2)
    domain = call("GET", f"/v1/domains/{name}")
print("Create these records:")
for record in domain["records"]:
    print(record["type"], record["name"], record["value"], flush=True)

while (domain["status"], domain["sending"]) != ("verified", "ready"):
    call("POST", f"/v1/domains/{name}/checks")
    time.sleep(5)
    domain = call("GET", f"/v1/domains/{name}")
print(name, "may send")
