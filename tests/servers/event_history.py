"""CloudTrail's LookupEvents, as far as its API Reference tells.

    event_history.py FOLDER

FOLDER/events.json is a list of records. Those of a Region are answered newest first, 50 a page at most, between StartTime and EndTime. More
than two calls within a second to one Region are throttled, and so are the first FOLDER/throttled.txt ones. FOLDER/fault.json, where it is, has
`{"from": N, "region": …, "status": …, "code": …}`: all calls to that Region, or any where none is named, fail so from its Nth on.
FOLDER/calls.log has a line of JSON for each call: when it came, to which Region, and what was asked.
"""

import collections
import datetime
import json
import pathlib
import sys
import threading
import time

import serving

PAGE = 50
BURST, PER_SECOND = 2, 2

folder = pathlib.Path(sys.argv[1])
lock = threading.Lock()
# A bucket of tokens. AWS's own has two at most; a half more forgives what the way to here adds and takes.
regions = collections.defaultdict(lambda: {"tokens": BURST + 0.5, "filled_at": time.monotonic(), "calls": 0})


def seconds(record):
    time = datetime.datetime.fromisoformat(record["eventTime"].replace("Z", "+00:00"))
    return time.timestamp()


def event_of(record):
    """A record as LookupEvents answers it: a few members taken out, and the whole as a text."""
    identity = record.get("userIdentity", {})
    event = {
        "EventId": record.get("eventID"),
        "EventName": record.get("eventName"),
        "EventTime": seconds(record),
        "EventSource": record.get("eventSource"),
        "AccessKeyId": identity.get("accessKeyId"),
        "Username": identity.get("userName"),
        "ReadOnly": "true",
        "Resources": [],
        "CloudTrailEvent": json.dumps(record),
    }
    return {name: value for name, value in event.items() if value is not None}


def answer(asked, name):
    region, now = regions[name], time.monotonic()
    region["calls"] += 1
    calls = region["calls"]
    region["tokens"] = min(BURST + 0.5, region["tokens"] + (now - region["filled_at"]) * PER_SECOND)
    region["filled_at"] = now
    throttled = folder / "throttled.txt"
    is_throttled = region["tokens"] < 1 or throttled.exists() and calls <= int(throttled.read_text())
    with (folder / "calls.log").open("a") as log:
        log.write(json.dumps({"at": now, "region": name, "throttled": is_throttled, **asked}) + "\n")
    if is_throttled:
        return 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}
    region["tokens"] -= 1
    fault = folder / "fault.json"
    fault = json.loads(fault.read_text()) if fault.exists() else None
    if fault and calls >= fault["from"] and fault.get("region", name) == name:
        return fault["status"], {"__type": fault["code"], "message": "ordered by the test"}
    records = json.loads((folder / "events.json").read_text())
    first, last = asked.get("StartTime", 0), asked.get("EndTime", 1 << 40)
    found = [record for record in records if first <= seconds(record) <= last and record["awsRegion"] == name]
    found.sort(key=seconds, reverse=True)
    start = int(asked.get("NextToken", "0"))
    end = start + min(asked.get("MaxResults", PAGE), PAGE)
    page = {"Events": [event_of(record) for record in found[start:end]]}
    if end < len(found):
        page["NextToken"] = str(end)
    return 200, page


def application(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if not target.endswith("CloudTrail_20131101.LookupEvents"):
        status, content = 400, {"__type": "UnknownOperationException", "message": target}
    else:
        with lock:
            status, content = answer(json.loads(body), environ["HTTP_AUTHORIZATION"].split("/")[2])
    start_response(f"{status} ", [("Content-Type", "application/x-amz-json-1.1")])
    return [json.dumps(content).encode()]


serving.serve(application)
