"""An account as moto serves it, with what moto lacks of IAM and Access Analyzer, a record of all calls, and failures to order.

    account.py

The account is seeded once. Each FOLDER that standard input then names (`serving.py`) gets a process of its own with the account as it was
seeded. FOLDER/bundle is what boto3 reads of the account: the files that the `aws` CLI would write. Each call is a line of
FOLDER/calls.log: `service:Operation`, the access key that signed it, and what it asks about. FOLDER/faults.json, read anew at each call, lists what fails:

    [{"on": "iam:ListAccessKeys", "status": 403, "code": "AccessDenied", "times": 2}, …]

`on` is the call's name, or empty for all of them; with `region` those that are signed for it alone, with `with` those with that parameter, and
`value` those of them where it begins so. `times` is how often and `every` which ones (2: each second one); by default always.
`from` leaves out so many calls first. Instead of `code`: `html`, which answers a page, `body`, which answers that, or `cut`, which
closes the connection.
FOLDER/resources is the same of the policies of resources.
FOLDER/credentials has the profiles `one`, of the account, and `two`, of a user of another account of the organisation. FOLDER/roles.log
has the parameters of each AssumeRole as JSON. FOLDER/report.csv, where it is, is the credential report.
With FOLDER/delay.txt each call takes so many seconds.
"""

import base64
import io
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import threading
import time
import urllib.parse
import zipfile

import serving

os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")

import boto3  # noqa: E402
import moto.awslambda.models  # noqa: E402
import moto.cloudtrail.models  # noqa: E402
import moto.core.utils  # noqa: E402
import moto.organizations.models  # noqa: E402
import moto.ssoadmin.models  # noqa: E402
from moto.server import DomainDispatcherApplication, create_backend_app  # noqa: E402

# moto delivers at each look at a trail, so that no two looks are alike.
description = moto.cloudtrail.models.TrailStatus.description
moto.cloudtrail.models.TrailStatus.description = lambda status: {**description(status), "LatestDeliveryTime": int(status.started.timestamp())} if status.started else description(status)

# moto's versions share their function's policy, which AWS's do not, and neither do their aliases.
storage = moto.awslambda.models.LambdaStorage
publish_version = storage.publish_version


def published(*asked, **named):
    version = publish_version(*asked, **named)
    version.policy = moto.awslambda.models.Policy(version)
    return version


storage.publish_version = published

# moto's times have microseconds, which a JSON number, read as a binary fraction, does not keep to the last one.
for models in [moto.organizations.models, moto.ssoadmin.models]:
    models.unix_time = lambda *at: int(moto.core.utils.unix_time(*at))

seeded = tempfile.TemporaryDirectory()
folder = pathlib.Path(seeded.name)
served = DomainDispatcherApplication(create_backend_app)
lock = threading.Lock()
met = {}
SERVICES = {
    "AWSOrganizationsV20161128": "organizations",
    "SWBExternalService": "sso-admin",
    "CloudTrail_20131101": "cloudtrail",
    "TrentService": "kms",
    "AmazonSQS": "sqs",
    "AmazonEC2ContainerRegistry_V20150921": "ecr",
}
TRUST = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}
READ = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}
USED = "2026-06-01T10:00:00Z"
COLLECTED_AT = "2026-06-30T12:00:00Z"
ACCOUNT = "123456789012"
TRAILS = [("main", "us-east-1"), ("old", "eu-west-1")]
REGIONS = ["us-east-1", "eu-west-1"]
# Of each kind one has a policy of its own, in the Region that is not the caller's.
BUCKETS = [("logs", "us-east-1"), ("far", "eu-west-1")]
STORE = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:eventdatastore/11111111-2222-3333-4444-555555555555"


def seed(url):
    """Two users with all kinds of credentials, a group, two roles, a policy, providers, a trail, an organisation of three accounts."""
    def client(name):
        return boto3.client(name, endpoint_url=url)

    iam = client("iam")
    for name, path in [("alice", "/team/"), ("b+b", "/")]:
        iam.create_user(UserName=name, Path=path, Tags=[{"Key": "owner", "Value": "red"}])
        for _ in range(2):
            key = iam.create_access_key(UserName=name)["AccessKey"]
        iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    iam.create_login_profile(UserName="alice", Password="not a secret 1")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(UserName="alice", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321")
    iam.upload_ssh_public_key(UserName="alice", SSHPublicKeyBody="ssh-rsa AAAA")
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(GroupName="readers", UserName="alice")
    iam.put_group_policy(GroupName="readers", PolicyName="read", PolicyDocument=json.dumps(READ))
    policy = iam.create_policy(PolicyName="reading", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="b+b", PolicyArn=policy)
    for name in ["web", "worker"]:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), PermissionsBoundary=policy)
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(READ))
    iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    iam.update_account_password_policy(MinimumPasswordLength=12, RequireSymbols=True)
    iam.create_account_alias(AccountAlias="the-alias")
    iam.create_open_id_connect_provider(Url="https://ci.example.com", ClientIDList=["ci"], ThumbprintList=["a" * 40])
    iam.create_saml_provider(Name="corp", SAMLMetadataDocument="x" * 1024)
    client("s3").create_bucket(Bucket="logs")
    client("cloudtrail").create_trail(Name="main", S3BucketName="logs")
    client("cloudtrail").put_event_selectors(TrailName="main", EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True}])
    # A trail that the Region of the caller does not show.
    elsewhere = boto3.client("cloudtrail", endpoint_url=url, region_name="eu-west-1")
    elsewhere.create_trail(Name="old", S3BucketName="logs", IsMultiRegionTrail=False)
    elsewhere.start_logging(Name="old")
    organizations = client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="workloads")["OrganizationalUnit"]["Id"]
    for name in ["one", "two"]:
        account = organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]["AccountId"]
        organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    role = client("sts").assume_role(RoleArn=f"arn:aws:iam::{account}:role/maker", RoleSessionName="seed")["Credentials"]
    secrets = {"aws_access_key_id": role["AccessKeyId"], "aws_secret_access_key": role["SecretAccessKey"], "aws_session_token": role["SessionToken"]}
    iam = boto3.client("iam", endpoint_url=url, **secrets)
    iam.create_user(UserName="carol")
    key = iam.create_access_key(UserName="carol")["AccessKey"]
    profiles = {"one": ("test", "test"), "two": (key["AccessKeyId"], key["SecretAccessKey"])}
    lines = [f"[{name}]\naws_access_key_id={id}\naws_secret_access_key={secret}\n" for name, (id, secret) in profiles.items()]
    (folder / "credentials").write_text("".join(lines))
    scp = organizations.create_policy(Name="no-leaving", Description="", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(READ))
    organizations.attach_policy(PolicyId=scp["Policy"]["PolicySummary"]["Id"], TargetId=unit)
    sso = client("sso-admin")
    instance = sso.list_instances()["Instances"][0]["InstanceArn"]
    created = sso.create_permission_set(InstanceArn=instance, Name="admins", SessionDuration="PT8H")["PermissionSet"]["PermissionSetArn"]
    sso.put_inline_policy_to_permission_set(InstanceArn=instance, PermissionSetArn=created, InlinePolicy=json.dumps(READ))
    seed_resources(url)
    export(client, elsewhere, instance, created)
    (folder / "calls.log").write_text("")


def seed_resources(url):
    """A resource of each service with a policy in eu-west-1, and others without one, as `resources` names them for the bundle."""
    def policy(action, resource="*"):
        statement = {"Sid": "given", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Action": action, "Resource": resource}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("f.py", "")
    for region in REGIONS:
        def client(name):
            return boto3.client(name, endpoint_url=url, region_name=region)

        kms, sns, sqs, secrets, ecr, functions = (client(name) for name in ["kms", "sns", "sqs", "secretsmanager", "ecr", "lambda"])
        key = kms.create_key()["KeyMetadata"]
        topic = sns.create_topic(Name="news")["TopicArn"]
        queue = sqs.create_queue(QueueName="jobs")["QueueUrl"]
        secret = secrets.create_secret(Name="word", SecretString="not a secret 2")["ARN"]
        repository = ecr.create_repository(repositoryName="team/web")["repository"]["repositoryName"]
        role = f"arn:aws:iam::{ACCOUNT}:role/web"
        environment = {"Variables": {"PASSWORD": "not a secret 3"}}
        function = functions.create_function(FunctionName="f", Runtime="python3.12", Role=role, Handler="f.f", Code={"ZipFile": code.getvalue()}, Environment=environment)["FunctionArn"]
        if region == "us-east-1":
            continue
        s3 = client("s3")
        s3.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": region})
        denied = {"Effect": "Deny", "Principal": {"AWS": role}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::far/*"}
        s3.put_bucket_policy(Bucket="far", Policy=json.dumps({"Version": "2012-10-17", "Statement": [denied]}))
        kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=policy("kms:*"))
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy("SNS:Publish", topic))
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy("SQS:SendMessage")})
        secrets.put_resource_policy(SecretId=secret, ResourcePolicy=policy("secretsmanager:GetSecretValue"))
        ecr.set_repository_policy(repositoryName=repository, policyText=policy("ecr:BatchGetImage"))
        functions.add_permission(FunctionName=function, StatementId="given", Action="lambda:InvokeFunction", Principal="999999999999")
        version = functions.publish_version(FunctionName=function)["Version"]
        functions.create_alias(FunctionName=function, Name="live", FunctionVersion=version)
        functions.add_permission(FunctionName=function, Qualifier="live", StatementId="given to the alias", Action="lambda:InvokeFunction", Principal="999999999999")
    export_resources(url)


def export_resources(url):
    """What `bundle-script --resource-policies` asks, asked by boto3, in a folder of its own."""
    calls = []

    def call(name, client, method, parameters, **asked):
        try:
            answer = getattr(client, method)(**asked)
        except Exception as error:
            calls.append({"Call": name, "Parameters": parameters, "Error": error.response["Error"]})
            return {}
        answer.pop("ResponseMetadata")
        calls.append({"Call": name, "Parameters": parameters, "Answer": answer})
        return answer

    def of(name, arn, client, method, **asked):
        call(name, client, method, {"ResourceArn": arn}, **asked)

    for bucket, region in BUCKETS:
        s3 = boto3.client("s3", endpoint_url=url, region_name=region)
        of("s3:GetBucketPolicy", f"arn:aws:s3:::{bucket}", s3, "get_bucket_policy", Bucket=bucket)
    for region in REGIONS:
        def list(name, service, method):
            client = boto3.client(service, endpoint_url=url, region_name=region)
            return client, call(name, client, method, {"Region": region})

        kms, answer = list("kms:ListKeys", "kms", "list_keys")
        for key in answer["Keys"]:
            of("kms:GetKeyPolicy", key["KeyArn"], kms, "get_key_policy", KeyId=key["KeyArn"], PolicyName="default")
        sns, answer = list("sns:ListTopics", "sns", "list_topics")
        for topic in answer["Topics"]:
            of("sns:GetTopicAttributes", topic["TopicArn"], sns, "get_topic_attributes", TopicArn=topic["TopicArn"])
        sqs, answer = list("sqs:ListQueues", "sqs", "list_queues")
        for queue in answer["QueueUrls"]:
            arn = f"arn:aws:sqs:{region}:{':'.join(queue.split('/')[-2:])}"
            of("sqs:GetQueueAttributes", arn, sqs, "get_queue_attributes", QueueUrl=queue, AttributeNames=["Policy"])
        functions, answer = list("lambda:ListFunctions", "lambda", "list_functions")
        for function in answer["Functions"]:
            of("lambda:GetPolicy", function["FunctionArn"], functions, "get_policy", FunctionName=function["FunctionArn"])
            aliases = call("lambda:ListAliases", functions, "list_aliases", {"FunctionName": function["FunctionArn"]}, FunctionName=function["FunctionArn"])
            for alias in aliases["Aliases"]:
                of("lambda:GetPolicy", alias["AliasArn"], functions, "get_policy", FunctionName=function["FunctionArn"], Qualifier=alias["Name"])
        secrets, answer = list("secretsmanager:ListSecrets", "secretsmanager", "list_secrets")
        for secret in answer["SecretList"]:
            of("secretsmanager:GetResourcePolicy", secret["ARN"], secrets, "get_resource_policy", SecretId=secret["ARN"])
        ecr, answer = list("ecr:DescribeRepositories", "ecr", "describe_repositories")
        for repository in answer["repositories"]:
            of("ecr:GetRepositoryPolicy", repository["repositoryArn"], ecr, "get_repository_policy", repositoryName=repository["repositoryName"])
    bundle = folder / "resources"
    bundle.mkdir()
    (bundle / "account.json").write_text(json.dumps({"Account": ACCOUNT, "Partition": "aws", "collected_at": COLLECTED_AT}))
    (bundle / "calls.json").write_text(json.dumps({"Calls": calls}, default=plain))


def plain(value):
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value.isoformat()


def export(client, elsewhere, instance, permission_set):
    """The bundle: what `bundle-script` asks, asked by boto3."""
    calls = []

    def call(service, operation, at=None, **parameters):
        method = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", operation).lower()
        made = at or client(service)
        method = {"list_ssh_public_keys": "list_ssh_public_keys"}.get(method, method)
        asked = dict(parameters)
        if operation == "GetServiceLastAccessedDetails":
            job = made.generate_service_last_accessed_details(Arn=asked.pop("Arn"), Granularity="ACTION_LEVEL")["JobId"]
            asked["JobId"] = job
        entry = {"Call": f"{'access-analyzer' if service == 'accessanalyzer' else service}:{operation}", "Parameters": parameters}
        while True:
            try:
                answer = getattr(made, method)(**asked)
            except Exception as error:
                calls.append({**entry, "Error": getattr(error, "response", {}).get("Error", {"Code": "X", "Message": str(error)})})
                return {}
            answer.pop("ResponseMetadata")
            calls.append({**entry, "Answer": answer})
            if not answer.get("Marker"):
                return answer
            entry = {**entry, "Parameters": {**parameters, "Marker": answer["Marker"]}}
            asked["Marker"] = answer["Marker"]

    caller = client("sts").get_caller_identity()
    client("iam").generate_credential_report()
    call("iam", "GetCredentialReport")
    details = call("iam", "GetAccountAuthorizationDetails")
    for operation in ["GetAccountSummary", "GetAccountPasswordPolicy", "ListAccountAliases", "ListServerCertificates", "ListSAMLProviders"]:
        call("iam", operation)
    for provider in call("iam", "ListOpenIDConnectProviders")["OpenIDConnectProviderList"]:
        call("iam", "GetOpenIDConnectProvider", OpenIDConnectProviderArn=provider["Arn"])
    for user in details["UserDetailList"]:
        name = user["UserName"]
        for key in call("iam", "ListAccessKeys", UserName=name)["AccessKeyMetadata"]:
            call("iam", "GetAccessKeyLastUsed", AccessKeyId=key["AccessKeyId"])
        for operation in ["ListMFADevices", "ListSSHPublicKeys", "ListServiceSpecificCredentials", "ListSigningCertificates"]:
            call("iam", operation, UserName=name)
    for entity in details["UserDetailList"] + details["GroupDetailList"] + details["RoleDetailList"] + details["Policies"]:
        call("iam", "GetServiceLastAccessedDetails", Arn=entity["Arn"])
    for operation in ["DescribeOrganization", "ListAccounts"]:
        call("organizations", operation)
    parents = [root["Id"] for root in call("organizations", "ListRoots")["Roots"]]
    for parent in parents:
        call("organizations", "ListAccountsForParent", ParentId=parent)
        units = call("organizations", "ListOrganizationalUnitsForParent", ParentId=parent)
        parents.extend(unit["Id"] for unit in units["OrganizationalUnits"])
    for kind in ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]:
        for policy in call("organizations", "ListPolicies", Filter=kind)["Policies"]:
            call("organizations", "DescribePolicy", PolicyId=policy["Id"])
            call("organizations", "ListTargetsForPolicy", PolicyId=policy["Id"])
    call("sso-admin", "ListPermissionSets", InstanceArn=instance)
    for operation in [
        "DescribePermissionSet",
        "GetInlinePolicyForPermissionSet",
        "ListManagedPoliciesInPermissionSet",
        "ListCustomerManagedPolicyReferencesInPermissionSet",
        "ListAccountsForProvisionedPermissionSet",
    ]:
        call("sso-admin", operation, InstanceArn=instance, PermissionSetArn=permission_set)
    asked = {"InstanceArn": instance, "PermissionSetArn": permission_set}
    calls.append({"Call": "sso-admin:GetPermissionsBoundaryForPermissionSet", "Parameters": asked, "Error": {"Code": "ResourceNotFoundException", "Message": "no boundary"}})
    for analyzer in call("accessanalyzer", "ListAnalyzers")["analyzers"]:
        call("accessanalyzer", "ListFindingsV2", analyzerArn=analyzer["arn"])
    for at in [None, elsewhere]:
        for trail in call("cloudtrail", "DescribeTrails", at)["trailList"]:
            call("cloudtrail", "GetEventSelectors", at, TrailName=trail["TrailARN"])
            call("cloudtrail", "GetTrailStatus", at, Name=trail["TrailARN"])
    calls.append({"Call": "cloudtrail:GetEventDataStore", "Parameters": {"EventDataStore": STORE}, "Answer": event_data_store()})

    bundle = folder / "bundle"
    bundle.mkdir()
    account = {"Account": caller["Account"], "Partition": "aws", "collected_at": COLLECTED_AT, "caller": caller["Arn"]}
    (bundle / "account.json").write_text(json.dumps(account))
    (bundle / "calls.json").write_text(json.dumps({"Calls": calls}, default=plain))


def xml(operation, inner):
    result = f"<{operation}Response><{operation}Result>{inner}</{operation}Result></{operation}Response>"
    return "200 OK", "text/xml", result


def event_data_store():
    """As the CloudTrail API Reference shows the answer of GetEventDataStore."""
    selectors = [{"Name": "objects", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}]}]
    times = {"CreatedTimestamp": 1764547200.5, "UpdatedTimestamp": 1764547200.5}
    return {"EventDataStoreArn": STORE, "Name": "lake", "Status": "ENABLED", "AdvancedEventSelectors": selectors, "MultiRegionEnabled": True, "OrganizationEnabled": False, "RetentionPeriod": 2557, "TerminationProtectionEnabled": True, "BillingMode": "EXTENDABLE_RETENTION_PRICING", **times}


def buckets(asked):
    """A bucket a page, each with its Region, as the S3 API Reference shows the answer of ListBuckets."""
    number = int(asked.get("continuation-token", "0"))
    name, region = BUCKETS[number]
    more = f"<ContinuationToken>{number + 1}</ContinuationToken>" if number + 1 < len(BUCKETS) else ""
    bucket = f"<Bucket><Name>{name}</Name><CreationDate>{USED}</CreationDate><BucketRegion>{region}</BucketRegion></Bucket>"
    return f"<ListAllMyBucketsResult><Buckets>{bucket}</Buckets><Owner><ID>x</ID></Owner>{more}</ListAllMyBucketsResult>"


def last_accessed(asked):
    """A job's result has three pages, a service each, and a job does not know the markers of another one."""
    job = asked["JobId"]
    number, _, of = asked.get("Marker", f"1 of {job}").partition(" of ")
    if of != job:
        return "400 X", "text/xml", "<ErrorResponse><Error><Code>InvalidInput</Code><Message>no such marker</Message></Error></ErrorResponse>"
    actions = "<TrackedActionsLastAccessed><member><ActionName>GetObject</ActionName></member></TrackedActionsLastAccessed>"
    services = {
        "1": f"<member><ServiceName>S3</ServiceName><ServiceNamespace>s3</ServiceNamespace><LastAuthenticated>{USED}</LastAuthenticated>{actions}</member>",
        "2": "<member><ServiceName>EC2</ServiceName><ServiceNamespace>ec2</ServiceNamespace></member>",
        "3": "<member><ServiceName>SQS</ServiceName><ServiceNamespace>sqs</ServiceNamespace></member>",
    }
    is_last = number == "3"
    more = "" if is_last else f"<Marker>{int(number) + 1} of {job}</Marker>"
    return xml(
        "GetServiceLastAccessedDetails",
        f"<JobStatus>COMPLETED</JobStatus><JobType>ACTION_LEVEL</JobType><JobCreationDate>{USED}</JobCreationDate><JobCompletionDate>{USED}</JobCompletionDate>"
        f"<ServicesLastAccessed>{services[number]}</ServicesLastAccessed><IsTruncated>{'false' if is_last else 'true'}</IsTruncated>{more}",
    )


def own(name, asked, key, region):
    """What moto lacks."""
    if name == "iam:GenerateServiceLastAccessedDetails":
        return xml("GenerateServiceLastAccessedDetails", f"<JobId>{'job-' + asked['Arn'].rjust(36, '-')}-{time.monotonic_ns()}</JobId>")
    if name == "iam:GetServiceLastAccessedDetails":
        return last_accessed(asked)
    if name == "iam:ListServiceSpecificCredentials":
        user = asked["UserName"]
        member = f"<member><UserName>{user}</UserName><ServiceName>codecommit.amazonaws.com</ServiceName><ServiceUserName>x</ServiceUserName><Status>Active</Status><CreateDate>{USED}</CreateDate><ServiceSpecificCredentialId>ACCAEXAMPLE</ServiceSpecificCredentialId></member>"
        return xml("ListServiceSpecificCredentials", f"<ServiceSpecificCredentials>{member if user == 'alice' else ''}</ServiceSpecificCredentials>")
    if name == "sso-admin:GetPermissionsBoundaryForPermissionSet":
        return "400 Bad Request", "application/x-amz-json-1.1", json.dumps({"__type": "ResourceNotFoundException", "message": "no boundary"})
    if name.startswith("organizations:") and name != "organizations:DescribeOrganization" and key != "test":
        # Nobody but the management account, and those that it delegates to, sees what the organisation has.
        return "400 Bad Request", "application/x-amz-json-1.1", json.dumps({"__type": "AccessDeniedException", "message": "You don't have permissions to access this resource."})
    report = folder / "report.csv"
    if name == "iam:GetCredentialReport" and report.exists():
        content = base64.b64encode(report.read_bytes()).decode()
        return xml("GetCredentialReport", f"<Content>{content}</Content><ReportFormat>text/csv</ReportFormat><GeneratedTime>{USED}</GeneratedTime>")
    if name == "cloudtrail:ListTrails":
        trails = [{"TrailARN": f"arn:aws:cloudtrail:{region}:{ACCOUNT}:trail/{trail}", "Name": trail, "HomeRegion": region} for trail, region in TRAILS]
        # The others are in member accounts, each with a moto of its own.
        return "200 OK", "application/x-amz-json-1.1", json.dumps({"Trails": trails if key == "test" else []})
    if name == "cloudtrail:ListEventDataStores":
        stores = [{"EventDataStoreArn": STORE, "Name": "lake"}] if key == "test" and region == "us-east-1" else []
        return "200 OK", "application/x-amz-json-1.1", json.dumps({"EventDataStores": stores})
    if name == "cloudtrail:GetEventDataStore":
        return "200 OK", "application/x-amz-json-1.1", json.dumps(event_data_store())
    if name == "account:ListRegions":
        regions = [{"RegionName": name, "RegionOptStatus": "ENABLED_BY_DEFAULT"} for name in REGIONS]
        return "200 OK", "application/json", json.dumps({"Regions": regions})
    if name == "s3:ListBuckets" and key == "test":
        return "200 OK", "application/xml", buckets(asked)
    if name == "access-analyzer:ListAnalyzers":
        analyzer = {"arn": "arn:aws:access-analyzer:us-east-1:123456789012:analyzer/a", "name": "a", "type": "ACCOUNT", "createdAt": USED, "status": "ACTIVE"}
        return "200 OK", "application/json", json.dumps({"analyzers": [analyzer]})
    if name == "access-analyzer:ListFindingsV2":
        finding = {"id": "f-1", "analyzedAt": USED, "createdAt": USED, "updatedAt": USED, "status": "ACTIVE", "resourceType": "AWS::S3::Bucket", "resource": "arn:aws:s3:::logs", "resourceOwnerAccount": "123456789012", "findingType": "ExternalAccess"}
        return "200 OK", "application/json", json.dumps({"findings": [finding]})
    return None


def told(environ, body, service):
    """The call's name and its parameters."""
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        service, operation = target.rsplit(".", 1)
        return f"{SERVICES.get(service.rsplit('.', 1)[-1], service)}:{operation}", json.loads(body or b"{}")
    path, query = environ["PATH_INFO"], dict(urllib.parse.parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
    if service == "access-analyzer":
        return f"access-analyzer:{'ListAnalyzers' if path == '/analyzer' else 'ListFindingsV2'}", {}
    if service == "account":
        return f"account:{path[1:2].upper()}{path[2:]}", json.loads(body or b"{}")
    if service in ("lambda", "s3") and environ["REQUEST_METHOD"] == "GET":
        if path.endswith("/aliases"):
            return "lambda:ListAliases", query
        listing, one = ("ListFunctions", "GetPolicy") if service == "lambda" else ("ListBuckets", "GetBucketPolicy")
        return f"{service}:{one if path.endswith('/policy') or 'policy' in query else listing}", query
    asked = {name: values[0] for name, values in urllib.parse.parse_qs(body.decode()).items()}
    return f"{service}:{asked.get('Action', path)}", asked


def fault_of(name, region, asked):
    path = folder / "faults.json"
    text = path.read_text() if path.exists() else "[]"
    with lock:
        if met.get("text") != text:
            met.clear()
            met["text"] = text
    for number, fault in enumerate(json.loads(text)):
        has = "with" not in fault or asked.get(fault["with"], "-").startswith(fault.get("value", "")) and fault["with"] in asked
        if fault["on"] not in ("", name) or fault.get("region", region) != region or not has:
            continue
        with lock:
            count = met[number] = met.get(number, 0) + 1
        count -= fault.get("from", 0)
        if count > 0 and count <= fault.get("times", sys.maxsize) and count % fault.get("every", 1) == 0:
            return fault
    return None


def application(environ, start_response):
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    if "Credential=" not in environ.get("HTTP_AUTHORIZATION", ""):
        return served(environ, start_response)
    key, region, service = re.search(r"Credential=([^/]*)/[0-9]*/([^/]*)/([^/]*)/", environ["HTTP_AUTHORIZATION"]).groups()
    name, asked = told(environ, body, service)
    about = next((asked[member] for member in ["UserName", "AccessKeyId", "Arn", "RoleArn"] if member in asked), "-")
    with lock, (folder / "calls.log").open("a") as log:
        log.write(f"{name} {key} {about}\n")
    if name == "sts:AssumeRole":
        with lock, (folder / "roles.log").open("a") as log:
            log.write(json.dumps(asked, sort_keys=True) + "\n")
    delay = folder / "delay.txt"
    if delay.exists():
        time.sleep(float(delay.read_text()))
    fault = fault_of(name, region, asked)
    if name == "lambda:ListAliases":
        # moto knows the function by its name alone, AWS by its ARN too.
        for path in ["PATH_INFO", "RAW_URI", "REQUEST_URI"]:
            environ[path] = re.sub("/arn(:|%3A)[^/]*(:|%3A)function(:|%3A)", "/", environ[path])
    if fault is None:
        answer = own(name, asked, key, region)
        if answer is None:
            return served(environ, start_response)
        status, kind, text = answer
        start_response(status, [("Content-Type", kind)])
        return [text.encode()]
    if "cut" in fault:
        environ["werkzeug.socket"].close()
        raise ConnectionError
    status = f"{fault.get('status', 500)} X"
    if "body" in fault:
        start_response(status, [("Content-Type", "application/x-amz-json-1.1")])
        return [fault["body"].encode()]
    if "html" in fault:
        start_response(status, [("Content-Type", "text/html")])
        return [b"<html>no</html>"]
    code, message = fault["code"], "ordered by the test"
    if service == "s3":
        start_response(status, [("Content-Type", "application/xml")])
        return [f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()]
    if environ.get("HTTP_X_AMZ_TARGET") or service in ("access-analyzer", "account", "lambda"):
        start_response(status, [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-ErrorType", code)])
        return [json.dumps({"__type": code, "message": message}).encode()]
    start_response(status, [("Content-Type", "text/xml")])
    return [f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>".encode()]


def begin(name):
    global folder
    folder = pathlib.Path(name)
    shutil.copytree(seeded.name, folder, dirs_exist_ok=True)


serving.serve_copies(application, seed, begin)
