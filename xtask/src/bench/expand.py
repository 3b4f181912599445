"""Expands the action lists of a JSON file by policy_sentry, and prints the nanoseconds that it takes."""

import json
import sys
import time

from policy_sentry.analysis.expand import determine_actions_to_expand

with open(sys.argv[1], encoding="utf-8") as file:
    lists = json.load(file)
# Its catalogue is loaded before the clock starts.
determine_actions_to_expand(["s3:Get*", "*"])
begun = time.perf_counter_ns()
for actions in lists:
    determine_actions_to_expand(actions)
print(time.perf_counter_ns() - begun)
