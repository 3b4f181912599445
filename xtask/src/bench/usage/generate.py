"""Makes a policy of the CloudTrail files of a folder, as `trailscraper select | trailscraper generate` does.

It does less: no counts, times, addresses or duplicates, and no outcome; it leaves out resources of most calls.
"""

import datetime
import sys

from trailscraper.cloudtrail import filter_records
from trailscraper.policy_generator import generate_policy
from trailscraper.record_sources.local_directory_record_source import LocalDirectoryRecordSource

begin = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
end = datetime.datetime(2100, 1, 1, tzinfo=datetime.timezone.utc)
records = LocalDirectoryRecordSource(sys.argv[1]).load_from_dir(begin, end)
print(len(generate_policy(filter_records(records, [], begin, end)).to_json()))
