//! The calls of the made-up logs, with members as CloudTrail writes them (the templates follow records of the corpus and the
//! examples of the services' guides).
//!
//! `%` and a letter stand for what differs: `n` number, `h` hexadecimal id and `k` UUID of one of the principal's few things;
//! `u` a UUID, `U` one in capitals, `i` a hexadecimal id and `x` 76 letters that no two records share; `s` a session token;
//! `c` a new session's key; `r` the Region; `a` the account.

/// One kind of call.
pub(super) struct Call {
    pub(super) source: &'static str,
    pub(super) name: &'static str,
    pub(super) reads: bool,
    pub(super) parameters: &'static str,
    pub(super) response: &'static str,
    /// Empty: the record has no such member.
    pub(super) additional: &'static str,
    /// Empty: the record has no such member.
    pub(super) resources: &'static str,
}

const fn reads(source: &'static str, name: &'static str, parameters: &'static str) -> Call {
    Call {
        source,
        name,
        reads: true,
        parameters,
        response: "null",
        additional: "",
        resources: "",
    }
}

const fn writes(
    source: &'static str,
    name: &'static str,
    parameters: &'static str,
    response: &'static str,
) -> Call {
    Call {
        reads: false,
        response,
        ..reads(source, name, parameters)
    }
}

const fn lists(call: Call, resources: &'static str) -> Call {
    Call { resources, ..call }
}

const fn of_bucket(call: Call) -> Call {
    Call {
        additional: r#"{"SignatureVersion":"SigV4","CipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"%x","bytesTransferredOut":%n}"#,
        resources: r#"[{"accountId":"%a","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::team-data-%n-%r"}]"#,
        ..call
    }
}

const KEY: &str = r#"[{"accountId":"%a","type":"AWS::KMS::Key","ARN":"arn:aws:kms:%r:%a:key/%k"}]"#;
const ROLE: &str = r#"[{"accountId":"%a","type":"AWS::IAM::Role","ARN":"arn:aws:iam::%a:role/service/worker-%n"}]"#;
const PARAMETER: &str =
    r#"[{"accountId":"%a","ARN":"arn:aws:ssm:%r:%a:parameter/app/%n/password"}]"#;
const CREDENTIALS: &str = r#"{"credentials":{"accessKeyId":"%c","sessionToken":"%s","expiration":"Oct 7, 2026, 7:42:38 PM"},"assumedRoleUser":{"assumedRoleId":"AROA3XFRBF23QLWVB%n:run-%i","arn":"arn:aws:sts::%a:assumed-role/worker-%n/run-%i"}}"#;

/// What services do with roles of the account.
pub(super) const OF_SERVICES: &[Call] = &[
    Call {
        resources: ROLE,
        response: CREDENTIALS,
        ..reads(
            "sts",
            "AssumeRole",
            r#"{"roleArn":"arn:aws:iam::%a:role/service/worker-%n","roleSessionName":"i-%h","durationSeconds":3600}"#,
        )
    },
    DECRYPT_OF_LAMBDA,
    GET_ACL,
    DECRYPT_OF_LAMBDA,
    GET_ACL,
    DECRYPT_OF_LAMBDA,
];

const DECRYPT_OF_LAMBDA: Call = lists(
    reads(
        "kms",
        "Decrypt",
        r#"{"encryptionContext":{"aws:lambda:FunctionArn":"arn:aws:lambda:%r:%a:function:orders-%n"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#,
    ),
    KEY,
);
const GET_ACL: Call = of_bucket(reads(
    "s3",
    "GetBucketAcl",
    r#"{"bucketName":"team-data-%n-%r","Host":"team-data-%n-%r.s3.%r.amazonaws.com","acl":""}"#,
));

/// What users and roles do.
pub(super) const OF_PRINCIPALS: &[Call] = &[
    reads(
        "ec2",
        "DescribeInstances",
        r#"{"instancesSet":{"items":[{"instanceId":"i-%h"}]},"filterSet":{"items":[{"name":"instance-state-name","valueSet":{"items":[{"value":"running"},{"value":"pending"}]}}]}}"#,
    ),
    reads(
        "ec2",
        "DescribeRouteTables",
        r#"{"routeTableIdSet":{},"filterSet":{"items":[{"name":"association.main","valueSet":{"items":[{"value":"true"}]}},{"name":"vpc-id","valueSet":{"items":[{"value":"vpc-%h"}]}}]}}"#,
    ),
    reads(
        "ec2",
        "DescribeNatGateways",
        r#"{"DescribeNatGatewaysRequest":{"NatGatewayId":{"tag":1,"content":"nat-%h"}}}"#,
    ),
    reads(
        "ec2",
        "DescribeAccountAttributes",
        r#"{"accountAttributeNameSet":{},"filterSet":{}}"#,
    ),
    reads(
        "ec2",
        "DescribeNetworkInterfaces",
        r#"{"networkInterfaceIdSet":{"items":[{"networkInterfaceId":"eni-%i"}]},"filterSet":{}}"#,
    ),
    writes(
        "ec2",
        "CreateTags",
        r#"{"resourcesSet":{"items":[{"resourceId":"i-%h"}]},"tagSet":{"items":[{"key":"Name","value":"worker-%n"},{"key":"last-run","value":"%u"}]}}"#,
        r#"{"requestId":"%u","_return":true}"#,
    ),
    Call {
        resources: ROLE,
        response: CREDENTIALS,
        ..reads(
            "sts",
            "AssumeRole",
            r#"{"roleArn":"arn:aws:iam::%a:role/service/worker-%n","roleSessionName":"run-%i","durationSeconds":3600}"#,
        )
    },
    reads("sts", "GetCallerIdentity", "null"),
    lists(
        reads(
            "kms",
            "Decrypt",
            r#"{"encryptionContext":{"SecretARN":"arn:aws:secretsmanager:%r:%a:secret:app/%n/database-AbCdEf","SecretVersionId":"%U"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#,
        ),
        KEY,
    ),
    lists(
        reads(
            "kms",
            "GenerateDataKey",
            r#"{"keyId":"alias/app-%n","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::team-data-%n-%r/%u"},"keySpec":"AES_256"}"#,
        ),
        KEY,
    ),
    reads(
        "secretsmanager",
        "GetSecretValue",
        r#"{"secretId":"arn:aws:secretsmanager:%r:%a:secret:app/%n/database-AbCdEf","versionId":"%U"}"#,
    ),
    reads(
        "secretsmanager",
        "DescribeSecret",
        r#"{"secretId":"arn:aws:secretsmanager:%r:%a:secret:app/%n/database-AbCdEf"}"#,
    ),
    lists(
        reads(
            "ssm",
            "GetParameter",
            r#"{"name":"/app/%n/password","withDecryption":true}"#,
        ),
        PARAMETER,
    ),
    lists(
        writes(
            "ssm",
            "PutParameter",
            r#"{"name":"/app/%n/password","value":"HIDDEN_DUE_TO_SECURITY_REASONS","type":"SecureString","overwrite":true,"tier":"Standard"}"#,
            r#"{"version":%n,"tier":"Standard"}"#,
        ),
        PARAMETER,
    ),
    reads(
        "ssm",
        "DescribeInstanceInformation",
        r#"{"filters":[{"key":"InstanceIds","values":["i-%h"]}]}"#,
    ),
    reads("iam", "GetRole", r#"{"roleName":"worker-%n"}"#),
    reads(
        "iam",
        "ListAttachedRolePolicies",
        r#"{"roleName":"worker-%n"}"#,
    ),
    reads("s3", "ListBuckets", r#"{"Host":"s3.%r.amazonaws.com"}"#),
    of_bucket(reads(
        "s3",
        "GetBucketLocation",
        r#"{"bucketName":"team-data-%n-%r","Host":"team-data-%n-%r.s3.%r.amazonaws.com","location":""}"#,
    )),
    of_bucket(writes(
        "s3",
        "PutBucketTagging",
        r#"{"bucketName":"team-data-%n-%r","tagging":"","Tagging":{"TagSet":{"Tag":[{"Key":"run","Value":"%u"}]},"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/"},"Host":"team-data-%n-%r.s3.%r.amazonaws.com"}"#,
        "null",
    )),
    writes(
        "logs",
        "CreateLogStream",
        r#"{"logGroupName":"/aws/lambda/orders-%n","logStreamName":"2026/10/07/[$LATEST]%u"}"#,
        "null",
    ),
    reads(
        "logs",
        "DescribeLogGroups",
        r#"{"logGroupNamePrefix":"/aws/lambda/orders-%n","limit":50}"#,
    ),
    reads(
        "lambda",
        "GetFunction20150331v2",
        r#"{"functionName":"arn:aws:lambda:%r:%a:function:orders-%n"}"#,
    ),
    reads("dynamodb", "DescribeTable", r#"{"tableName":"orders-%n"}"#),
    reads(
        "monitoring",
        "DescribeAlarms",
        r#"{"maxRecords":100,"alarmNamePrefix":"orders-%n"}"#,
    ),
    reads(
        "sqs",
        "GetQueueAttributes",
        r#"{"queueUrl":"https://sqs.%r.amazonaws.com/%a/orders-%n","attributeNames":["All"]}"#,
    ),
    reads(
        "ecr",
        "BatchGetImage",
        r#"{"registryId":"%a","repositoryName":"team/image-%n","imageIds":[{"imageDigest":"sha256:%h%i%h"}],"acceptedMediaTypes":["application/vnd.docker.distribution.manifest.v2+json","application/vnd.oci.image.index.v1+json"]}"#,
    ),
    reads(
        "elasticloadbalancing",
        "DescribeTargetHealth",
        r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:%r:%a:targetgroup/orders-%n/%h"}"#,
    ),
    reads(
        "rds",
        "DescribeDBInstances",
        r#"{"dBInstanceIdentifier":"orders-%n"}"#,
    ),
    reads(
        "health",
        "DescribeEventAggregates",
        r#"{"filter":{"startTimes":[{"from":"Oct 1, 2026, 11:42:38 AM"}],"eventStatusCodes":["open","upcoming"]},"aggregateField":"eventTypeCategory"}"#,
    ),
];

/// How programs call themselves, as in the corpus and on today's hosts.
pub(super) const USER_AGENTS: &[&str] = &[
    "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.76.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.32.5 os/linux lang/go#1.23.3 md/GOOS#linux md/GOARCH#amd64 api/%e#1.54.2",
    "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 md/GOOS#linux md/GOARCH#arm64 api/%e#1.58.2",
    "Boto3/1.35.36 md/Botocore#1.35.36 ua/2.0 os/linux#6.1.112-122.189.amzn2023.x86_64 md/arch#x86_64 lang/python#3.12.7 md/pyimpl#CPython cfg/retry-mode#standard Botocore/1.35.36",
    "aws-cli/2.18.5 md/awscrt#0.22.0 ua/2.0 os/linux#5.15.0-1070-aws md/arch#x86_64 lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#%e",
    "aws-sdk-java/2.28.21 Linux/5.10.226-214.880.amzn2.x86_64 OpenJDK_64-Bit_Server_VM/21.0.5+11-LTS Java/21.0.5 vendor/Amazon.com_Inc. md/internal exec-env/AWS_ECS_FARGATE io/async http/NettyNio cfg/retry-mode/legacy",
    "aws-sdk-js/3.668.0 ua/2.1 os/linux#5.10.225-236.883.amzn2.x86_64 lang/js md/nodejs#20.18.0 api/%e#3.668.0 exec-env/AWS_Lambda_nodejs20.x",
    "amazon-ssm-agent/3.3.987.0",
    "datadog-agent/7.58.1 aws-sdk-go/1.55.5 (go1.22.7; linux; amd64)",
];
