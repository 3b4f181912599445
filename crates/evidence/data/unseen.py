"""Makes `unseen-actions.tsv`: actions of the catalogue that no API operation is called like, so that no event can be.

    python3 unseen.py BOTOCORE_DATA EVENTS_TSV < ACTIONS > unseen-actions.tsv

BOTOCORE_DATA is the package's `botocore/data`, EVENTS_TSV the catalogue's `event-actions.tsv`, and ACTIONS what
`leastgrant catalog expand '*'` prints. An operation counts for every prefix that is one of its service's names, and for
the prefix whose actions are called like most of its operations.
"""

import collections
import gzip
import json
import pathlib
import sys


def operations(folder):
    """Names of each service of botocore, and its operations."""
    for path in sorted(folder.glob("*/*/service-2.json*")):
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path) as file:
            model = json.load(file)
        metadata = model["metadata"]
        names = {path.parts[-3], metadata.get("endpointPrefix"), metadata.get("signingName")}
        yield {name for name in names if name}, {name.lower() for name in model["operations"]}


def main():
    actions = [line.strip() for line in sys.stdin if ":" in line]
    of_service = collections.defaultdict(set)
    for action in actions:
        service, name = action.split(":")
        of_service[service].add(name.lower())
    shown = collections.defaultdict(set)
    for names, called in operations(pathlib.Path(sys.argv[1])):
        most_alike = max(of_service, key=lambda service: len(of_service[service] & called))
        for prefix in names | {most_alike}:
            shown[prefix] |= called
    for line in open(sys.argv[2]):
        if not line.startswith("#"):
            _, service, event, _, action = line.rstrip("\n").split("\t")
            # What another call needs besides has no event of its own.
            is_renamed = event.lower() not in of_service[service]
            if action != "-" and is_renamed:
                service, name = action.split(":")
                shown[service].add(name.lower())
    # The verbs of API Gateway are told from the names of its calls.
    shown["apigateway"] |= {"get", "post", "put", "patch", "delete"}
    unseen = collections.defaultdict(list)
    for action in actions:
        service, name = action.split(":")
        if name.lower() not in shown[service]:
            unseen[service].append(name)
    print("# Actions that no API operation of botocore 1.43.106 (Apache-2.0) is called like; made by unseen.py, 2026-11-25.")
    print("# service\tactions")
    for service in sorted(unseen):
        print(f"{service}\t{' '.join(sorted(unseen[service]))}")


main()
