"""Athena, and the S3 that it writes results to: `athena.py FOLDER [SWITCH…]`.

SQL is run for real: Trino's own grammar must accept it, sqlglot translates it, and DuckDB runs it over the CloudTrail files
under FOLDER/buckets/BUCKET. Tables are those that the statements of FOLDER/tables/*.sql make; their projected partitions come
from the files' paths, by `storage.location.template`, and only files of partitions that the predicates leave count as scanned.
All calls are written to FOLDER/calls.jsonl.

Switches: deny-metadata, deny-object (GetObject is refused), no-output (the workgroup has no place for results), slow (a query
runs until it is stopped), lost (an object of a result ends in the middle), broken (every query fails while it runs).
"""

import gzip
import json
import os
import pathlib
import re
import sys
import tempfile
import threading
import time
import uuid

import duckdb
import sqlglot
import trino_query_parser
import trino_sql_validator
from sqlglot import exp
from werkzeug.wrappers import Request, Response

from serving import serve

FOLDER = pathlib.Path(sys.argv[1])
SWITCHES = set(sys.argv[2:])
DATABASE = duckdb.connect()
LOCK = threading.Lock()
TABLES, QUERIES, OBJECTS = {}, {}, {}
RESULT_TYPES = {"VARCHAR": "varchar", "BIGINT": "bigint", "INTEGER": "integer", "BOOLEAN": "boolean", "DOUBLE": "double", "HUGEINT": "bigint"}


class Refused(Exception):
    """An answer of status 400."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class Failed(Exception):
    """Why a query fails: its StateChangeReason."""


def of_type(value, kind):
    """A JSON value as CloudTrail's reader gives it to a column: names without case, and text where the column is text."""
    if value is None:
        return None
    if kind.this == exp.DataType.Type.STRUCT:
        members = {name.lower(): member for name, member in value.items()} if isinstance(value, dict) else {}
        return {member.name: of_type(members.get(member.name), member.kind) for member in kind.expressions}
    if kind.this == exp.DataType.Type.ARRAY:
        return [of_type(member, kind.expressions[0]) for member in value] if isinstance(value, list) else None
    if kind.this == exp.DataType.Type.MAP:
        return {name: of_type(member, kind.expressions[1]) for name, member in value.items()} if isinstance(value, dict) else None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Table:
    """A table that `CREATE EXTERNAL TABLE` makes, with its records."""

    def __init__(self, statement):
        tree = sqlglot.parse_one(statement, read="athena")
        self.database, self.name = tree.this.this.db, tree.this.this.name
        self.columns = {column.name.lower(): column.kind for column in tree.this.expressions}
        properties = tree.args["properties"].expressions
        partitioned = next(one for one in properties if isinstance(one, exp.PartitionedByProperty))
        self.partitions = {column.name.lower(): column.kind for column in partitioned.this.expressions}
        pairs = [one for one in properties if type(one) is exp.Property]
        self.properties = {one.this.name: one.args["value"].name for one in pairs}
        location = next(one for one in properties if isinstance(one, exp.LocationProperty)).this.name
        # What Athena's readers of CloudTrail's logs are called.
        assert "com.amazon.emr.cloudtrail.CloudTrailInputFormat" in statement and "JsonSerDe" in statement
        template = self.properties["storage.location.template"]
        assert template.startswith(location) and self.properties["projection.enabled"] == "true"
        self.files = self.find(template)
        self.load()

    def find(self, template):
        parts = re.split(r"\$\{(\w+)\}", template.removeprefix("s3://"))
        pattern = re.escape(parts[0])
        for name, literal in zip(parts[1::2], parts[2::2]):
            is_date = self.properties[f"projection.{name}.type"] == "date"
            day = self.properties.get(f"projection.{name}.format", "")
            form = re.sub("[yMd]", r"\\d", day) if is_date else "[^/]+"
            pattern += f"(?P<{name}>{form}){re.escape(literal)}"
        found = []
        buckets = FOLDER / "buckets"
        walked = os.walk(buckets, followlinks=True)
        for path in sorted(pathlib.Path(folder, name) for folder, _, names in walked for name in names):
            matched = re.fullmatch(pattern + r"/[^/]+\.json\.gz", path.relative_to(buckets).as_posix())
            if matched and all(self.is_projected(name, value) for name, value in matched.groupdict().items()):
                found.append((path, matched.groupdict()))
        return found

    def is_projected(self, name, value):
        values = self.properties.get(f"projection.{name}.values")
        return values is None or value in values.split(",")

    def load(self):
        types = {**self.columns, **self.partitions}
        columns = ", ".join(f"'{name}': '{kind.sql('duckdb')}'" for name, kind in types.items())
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as lines:
            for number, (path, partition) in enumerate(self.files):
                for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
                    members = {name.lower(): member for name, member in record.items()}
                    row = {name: of_type(members.get(name), kind) for name, kind in self.columns.items()}
                    lines.write(json.dumps({**row, **partition, "file number": number}) + "\n")
            lines.flush()
            self.data = f'"data of {self.database}.{self.name}"'
            DATABASE.execute(
                f"CREATE TABLE {self.data} AS SELECT * FROM read_json('{lines.name}', format = 'newline_delimited',"
                f" columns = {{{columns}, 'file number': 'BIGINT'}}, maximum_object_size = 100000000)"
            )

    def prune(self, select):
        """The numbers of the files of partitions that the predicates leave, as projection does before a file is opened."""
        where = select.args.get("where")
        conjuncts = list(where.this.flatten()) if where and isinstance(where.this, exp.And) else [where.this] if where else []
        of_partitions, named = [], set()
        for conjunct in conjuncts:
            names = {column.name.lower() for column in conjunct.find_all(exp.Column)}
            if names and names <= set(self.partitions):
                of_partitions.append(conjunct.sql("duckdb"))
                if isinstance(conjunct, (exp.EQ, exp.In)):
                    named |= names
        for name in self.partitions:
            if self.properties.get(f"projection.{name}.type") == "injected" and name not in named:
                raise Failed(
                    f"CONSTRAINT_VIOLATION: For the injected projected partition column {name}, the WHERE clause must contain only"
                    " static equality conditions, and at least one such condition must be present."
                )
        cursor = DATABASE.cursor()
        names = list(self.partitions)
        cursor.execute(f"CREATE TEMP TABLE paths (number BIGINT, {', '.join(f'{name} VARCHAR' for name in names)})")
        for number, (_, partition) in enumerate(self.files):
            cursor.execute(f"INSERT INTO paths VALUES (?{', ?' * len(names)})", [number, *(partition[name] for name in names)])
        kept = cursor.execute(f"SELECT number FROM paths WHERE {' AND '.join(of_partitions) or 'true'}").fetchall()
        return [number for (number,) in kept]

    def metadata(self):
        listed = lambda columns: [{"Name": name, "Type": kind.sql("hive").lower()} for name, kind in columns.items()]
        return {
            "Name": self.name,
            "TableType": "EXTERNAL_TABLE",
            "Columns": listed(self.columns),
            "PartitionKeys": listed(self.partitions),
            "Parameters": self.properties,
        }


def rows_of(query):
    """Runs a query: the names and types of its columns, its rows as texts, and the bytes that it scanned."""
    sql = query["sql"]
    checked = trino_sql_validator.validate(sql)
    if not checked.valid:
        raise Failed(f"SYNTAX_ERROR: line {checked.error.line}:{checked.error.column}: {checked.error.message}")
    if checked.warnings:
        raise Failed(f"FUNCTION_NOT_FOUND: {checked.warnings[0]}")
    try:
        trino_query_parser.parse_statement(sql)
    except trino_query_parser.TrinoSyntaxError as error:
        raise Failed(f"SYNTAX_ERROR: {error}") from error
    tree = sqlglot.parse_one(sql, read="athena")
    for division in tree.find_all(exp.Div):
        division.set("typed", True)
    for number, column in enumerate(tree.expressions):
        if not column.alias_or_name:
            column.replace(exp.alias_(column.copy(), f"_col{number}"))
    of_query = {table.alias for table in tree.find_all(exp.CTE)}
    scanned = 0
    for table in list(tree.find_all(exp.Table)):
        if table.name in of_query and not table.db:
            continue
        name = f"{table.db or query['database']}.{table.name}"
        if name not in TABLES:
            raise Failed(f"TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.{name}' does not exist")
        known = TABLES[name]
        numbers = known.prune(table.find_ancestor(exp.Select))
        scanned += sum(known.files[number][0].stat().st_size for number in numbers)
        inner = f'SELECT * EXCLUDE ("file number") FROM {known.data} WHERE "file number" IN ({", ".join(map(str, [-1, *numbers]))})'
        table.replace(sqlglot.parse_one(inner, read="duckdb").subquery(table.name))
    query["scanned"] = scanned
    try:
        cursor = DATABASE.cursor()
        cursor.execute("SET TimeZone = 'UTC'")
        cursor.execute(tree.sql("duckdb"))
        columns = [(name.lower(), RESULT_TYPES.get(str(kind), "varchar")) for name, kind, *_ in cursor.description]
        return columns, [[as_text(value) for value in row] for row in cursor.fetchall()], scanned
    except duckdb.BinderException as error:
        missing = re.search(r'Referenced column "(\w+)" not found', str(error))
        kind = f"COLUMN_NOT_FOUND: line 1:1: Column '{missing[1]}' cannot be resolved" if missing else f"SYNTAX_ERROR: {error}"
        raise Failed(kind.split("\n")[0]) from error
    except duckdb.Error as error:
        raise Failed(f"SYNTAX_ERROR: {error}".split("\n")[0]) from error


def as_text(value):
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def run(query):
    try:
        if "broken" in SWITCHES:
            raise Failed("HIVE_BAD_DATA: a file is damaged")
        query["columns"], query["rows"], query["scanned"] = rows_of(query)
        query["ending"] = ("SUCCEEDED", None)
        lines = [[name for name, _ in query["columns"]], *query["rows"]]
        quoted = lambda value: "" if value is None else '"' + value.replace('"', '""') + '"'
        text = "".join(",".join(map(quoted, line)) + "\n" for line in lines).encode()
        OBJECTS[query["output"].removeprefix("s3://")] = text[: len(text) // 2] if "lost" in SWITCHES else text
    except Failed as reason:
        query["ending"] = ("FAILED", str(reason))
    except Exception as error:
        query["ending"] = ("FAILED", f"GENERIC_INTERNAL_ERROR: {error!r}")


def start(asked):
    place = asked.get("ResultConfiguration", {}).get("OutputLocation")
    if not place and "no-output" in SWITCHES:
        raise Refused(
            "InvalidRequestException",
            "No output location provided. An output location is required either through the Workgroup result configuration"
            " setting or as an API input.",
        )
    number = str(uuid.uuid4())
    QUERIES[number] = {
        "id": number,
        "sql": asked["QueryString"],
        "database": asked["QueryExecutionContext"]["Database"],
        "output": f"{(place or 's3://athena-results').rstrip('/')}/{number}.csv",
        "workgroup": asked.get("WorkGroup", "primary"),
        "since": time.time(),
        "looks": 0,
        "scanned": 0,
        "ending": None,
    }
    QUERIES[number]["work"] = threading.Thread(target=run, args=(QUERIES[number],), daemon=True)
    QUERIES[number]["work"].start()
    return {"QueryExecutionId": number}


def look(query):
    """QUEUED at the first look, RUNNING at the second, then as it ended."""
    query["looks"] += 1
    if query["looks"] > 2 and query["ending"] != ("CANCELLED", None):
        query["work"].join()
    is_under_way = query["looks"] <= 2 or "slow" in SWITCHES
    if is_under_way and query["ending"] != ("CANCELLED", None):
        state, reason = ("QUEUED" if query["looks"] == 1 else "RUNNING"), None
    else:
        state, reason = query["ending"]
    status = {"State": state, "SubmissionDateTime": query["since"]}
    if reason:
        status["StateChangeReason"] = reason
    return {
        "QueryExecution": {
            "QueryExecutionId": query["id"],
            "Query": query["sql"],
            "ResultConfiguration": {"OutputLocation": query["output"]},
            "Status": status,
            "Statistics": {"DataScannedInBytes": query["scanned"] if state != "QUEUED" else 0},
            "WorkGroup": query["workgroup"],
        }
    }


def page(query, asked):
    """At most 1,000 rows, of which the first is the header."""
    if not query["ending"] or query["ending"][0] != "SUCCEEDED":
        raise Refused("InvalidRequestException", "Query has not yet finished.")
    at, most = int(asked.get("NextToken", 0)), min(asked.get("MaxResults", 1000), 1000)
    lines = [[name for name, _ in query["columns"]], *query["rows"]]
    datum = lambda value: {} if value is None else {"VarCharValue": value}
    answer = {
        "ResultSet": {
            "Rows": [{"Data": [datum(value) for value in line]} for line in lines[at : at + most]],
            "ResultSetMetadata": {"ColumnInfo": [{"Name": name, "Type": kind} for name, kind in query["columns"]]},
        }
    }
    if at + most < len(lines):
        answer["NextToken"] = str(at + most)
    return answer


def answer_of(operation, asked):
    if operation == "StartQueryExecution":
        return start(asked)
    if operation == "GetTableMetadata":
        if "deny-metadata" in SWITCHES:
            raise Refused("AccessDeniedException", "You are not authorized to perform: athena:GetTableMetadata on the resource.")
        name = f"{asked['DatabaseName']}.{asked['TableName']}"
        if asked["CatalogName"] != "AwsDataCatalog" or name not in TABLES:
            raise Refused("MetadataException", f"EntityNotFoundException: Table {name} not found.")
        return {"TableMetadata": TABLES[name].metadata()}
    query = QUERIES.get(asked.get("QueryExecutionId"))
    if not query:
        raise Refused("InvalidRequestException", "QueryExecution was not found")
    if operation == "GetQueryExecution":
        return look(query)
    if operation == "GetQueryResults":
        return page(query, asked)
    if operation == "StopQueryExecution":
        query["work"].join()
        query["ending"] = ("CANCELLED", None)
        return {}
    raise Refused("InvalidRequestException", f"{operation} is not served")


def object_of(request):
    text = OBJECTS.get(request.path.lstrip("/"))
    if "deny-object" in SWITCHES or text is None:
        code = "AccessDenied" if "deny-object" in SWITCHES else "NoSuchKey"
        body = f"<Error><Code>{code}</Code><Message>No.</Message></Error>"
        return Response(body, 403 if code == "AccessDenied" else 404, content_type="application/xml")
    return Response(text, 200, content_type="application/octet-stream")


@Request.application
def application(request):
    target = request.headers.get("X-Amz-Target", "")
    operation = target.removeprefix("AmazonAthena.") if target else f"s3:{request.method}"
    asked = json.loads(request.get_data() or b"{}") if target else {"Path": request.path}
    with LOCK, open(FOLDER / "calls.jsonl", "a") as calls:
        calls.write(json.dumps({"operation": operation, **asked}) + "\n")
    if not target:
        return object_of(request)
    try:
        status, body = 200, answer_of(operation, asked)
    except Refused as refused:
        status, body = 400, {"__type": refused.kind, "Message": str(refused)}
    return Response(json.dumps(body), status, content_type="application/x-amz-json-1.1")


for path in sorted((FOLDER / "tables").glob("*.sql")):
    table = Table(path.read_text())
    TABLES[f"{table.database}.{table.name}"] = table
serve(application)
