"""S3 as moto serves it, with a record of all requests and with failures to order.

    s3.py FOLDER

Each folder in FOLDER/buckets is a bucket, and the files below it are its objects. Each request but PUT is a line of FOLDER/requests.log:
method and path, with the query. FOLDER/faults.json, read anew at each request, lists what fails:

    [{"on": "GET /bucket/key", "status": 403, "code": "AccessDenied", "message": "…", "times": 2}, …]

`on` is a part of the request's line. `times` is how often (default: always). Instead of `status`: `cut`, which sends half of the
object and closes the connection, or `delay`, which waits so many seconds before the usual answer. With `region`, the bucket is in
that Region, and requests that are signed for others are sent there. With `key`, only requests that are signed by that access key fail.
"""

import json
import os
import pathlib
import re
import sys
import threading
import time

import serving

os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")

import boto3  # noqa: E402
from moto.server import DomainDispatcherApplication, create_backend_app  # noqa: E402

folder = pathlib.Path(sys.argv[1])
moto = DomainDispatcherApplication(create_backend_app)
lock = threading.Lock()
failed = {}


def upload(url):
    client = boto3.client("s3", region_name="us-east-1", endpoint_url=url)
    for bucket in sorted((folder / "buckets").iterdir()):
        client.create_bucket(Bucket=bucket.name)
        for path in sorted(bucket.rglob("*")):
            if path.is_file():
                key = str(path.relative_to(bucket))
                client.put_object(Bucket=bucket.name, Key=key, Body=path.read_bytes())


def fault_of(line, key, region):
    path = folder / "faults.json"
    for fault in json.loads(path.read_text()) if path.exists() else []:
        if fault["on"] not in line or fault.get("region") == region:
            continue
        if fault.get("key", key) != key:
            continue
        with lock:
            count = failed.get(fault["on"], 0)
            if count >= fault.get("times", sys.maxsize):
                continue
            failed[fault["on"]] = count + 1
        return fault
    return None


def application(environ, start_response):
    if environ["REQUEST_METHOD"] == "PUT":
        return moto(environ, start_response)
    line = f"{environ['REQUEST_METHOD']} {environ['RAW_URI']}"
    with lock, (folder / "requests.log").open("a") as log:
        log.write(line + "\n")
    signed = re.search(r"Credential=([^/]*)/[^/]*/([^/]*)/", environ.get("HTTP_AUTHORIZATION", ""))
    fault = fault_of(line, *(signed.groups() if signed else (None, None)))
    if fault is None:
        return moto(environ, start_response)
    if "delay" in fault:
        time.sleep(fault["delay"])
        return moto(environ, start_response)
    if "cut" in fault:
        body = b"".join(moto(environ, lambda *_: None))
        start_response("200 OK", [("Content-Length", str(len(body))), ("ETag", '"cut"')])
        return [body[: len(body) // 2]]
    headers = [("Content-Type", "application/xml")]
    status, code = fault.get("status", 301), fault.get("code", "PermanentRedirect")
    if "region" in fault:
        headers.append(("x-amz-bucket-region", fault["region"]))
    start_response(f"{status} {code}", headers)
    message = fault.get("message", "ordered by the test")
    return [f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()]


serving.serve(application, upload)
