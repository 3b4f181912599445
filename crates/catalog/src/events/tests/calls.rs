//! Single calls, as AWS documents what they need.

use super::super::{MappingStatus, name};
use super::{needs, needs_of};
use crate::Catalog;

const ROLE: &str = "arn:aws:iam::123456789012:role/service/r";

#[track_caller]
fn check(source: &str, name: &str, parameters: &str, expected: &[&str]) {
    assert_eq!(
        needs(source, name, parameters),
        expected,
        "{source} {name} {parameters}"
    );
}

fn status(source: &str, name: &str) -> MappingStatus {
    let source = format!("{source}.amazonaws.com");
    Catalog::get().event(&source, name).status()
}

#[test]
fn s3_needs_are_those_of_the_version_and_of_the_side_that_they_are_about() {
    let key = "arn:aws:s3:::b/k";
    check(
        "s3",
        "GetObjectAttributes",
        r#"{"bucketName":"b","key":"k","versionId":"v"}"#,
        &[
            &format!("s3:GetObjectVersion {key}"),
            &format!("s3:GetObjectVersionAttributes {key}"),
        ],
    );
    check(
        "s3",
        "GetObjectAttributes",
        r#"{"bucketName":"b","key":"k"}"#,
        &[
            &format!("s3:GetObject {key}"),
            &format!("s3:GetObjectAttributes {key}"),
        ],
    );
    // Keys and versions are in the body, of which there is nothing in the log.
    check(
        "s3",
        "DeleteObjects",
        r#"{"bucketName":"b","delete":""}"#,
        &["s3:DeleteObject ", "s3:DeleteObjectVersion "],
    );
    check(
        "s3",
        "DeleteObjects",
        r#"{"bucketName":"b","delete":{"object":[{"key":"k"}]}}"#,
        &[&format!("s3:DeleteObject {key}")],
    );
    check(
        "s3",
        "DeleteBucketOwnershipControls",
        r#"{"bucketName":"b"}"#,
        &["s3:PutBucketOwnershipControls arn:aws:s3:::b"],
    );
    let copied = "arn:aws:s3:eu-west-1:111122223333:accesspoint/a/object/k";
    let parameters = format!(r#"{{"bucketName":"b","key":"k","x-amz-copy-source":"{copied}"}}"#);
    let needed = needs("s3", "CopyObject", &parameters);
    assert!(
        needed.contains(&format!("s3:GetObject {copied}")),
        "{needed:?}"
    );
    let mut of_put = needed.iter().filter(|need| need.starts_with("s3:Put"));
    assert!(of_put.all(|need| need.ends_with(key)), "{needed:?}");
}

#[test]
fn names_that_end_in_digits_stay_whole() {
    for action in Catalog::get().actions() {
        if action.name().ends_with(|one: char| one.is_ascii_digit()) {
            let source = format!("{}.amazonaws.com", action.service().prefix());
            let mapping = Catalog::get().event(&source, action.name());
            let mut needed = mapping.needed.iter();
            assert!(
                needed.any(|one| *one.action == action.to_string()),
                "{action}"
            );
        }
    }
    for (versioned, plain) in [
        ("CreateFunction20150331", "CreateFunction"),
        ("RemovePermission20150331v2", "RemovePermission"),
        ("GetDistribution2020_05_31", "GetDistribution"),
        ("ListThings2015033", "ListThings2015033"),
    ] {
        assert_eq!(name::without_version(versioned), plain);
    }
}

#[test]
fn services_are_found_by_name_table_interface_and_else_by_the_only_action() {
    for (source, name, action) in [
        ("monitoring", "DescribeAlarms", "cloudwatch:DescribeAlarms "),
        ("MONITORING", "describealarms", "cloudwatch:DescribeAlarms "),
        ("models.lex.v2", "ListBots", "lex:ListBots *"),
        (
            "autoscaling",
            "RegisterScalableTarget",
            "application-autoscaling:RegisterScalableTarget ",
        ),
        ("rds", "AddRoleToDbCluster", "rds:AddRoleToDBCluster "),
        ("nobody-knows", "GetCostAndUsage", "ce:GetCostAndUsage "),
    ] {
        let needs = needs(source, name, "null");
        assert!(needs.contains(&action.to_owned()), "{source}: {needs:?}");
    }
    // `ec2` has no such action, and that another service has it says nothing of EC2.
    assert_eq!(status("ec2", "GetCostAndUsage"), MappingStatus::Unmapped);
    assert_eq!(
        status("monitoring", "GetCostAndUsage"),
        MappingStatus::Unmapped
    );
    assert_eq!(
        status("nobody-knows", "TagResource"),
        MappingStatus::Unmapped
    );
    for (source, name) in [
        ("sts", "GetCallerIdentity"),
        ("sts", "AssumeRoleWithSAML"),
        ("dynamodb", "DescribeEndpoints"),
        ("signin", "ConsoleLogin"),
        ("signin", "SwitchRole"),
        ("sso", "Federate"),
    ] {
        assert_eq!(status(source, name), MappingStatus::NeedsNothing, "{name}");
        assert!(needs(source, name, "{}").is_empty());
    }
}

#[test]
fn s3_names_are_not_those_of_its_actions() {
    let object = r#"{"bucketName":"b","key":"a/k:1 2"}"#;
    let of_version = r#"{"bucketName":"b","key":"k","versionId":"v"}"#;
    check("s3", "ListBuckets", "{}", &["s3:ListAllMyBuckets *"]);
    check(
        "s3",
        "HeadBucket",
        object,
        &["s3:ListBucket arn:aws:s3:::b"],
    );
    check(
        "s3",
        "HeadObject",
        object,
        &["s3:GetObject arn:aws:s3:::b/a/k:1 2"],
    );
    check(
        "s3",
        "GetObject",
        of_version,
        &["s3:GetObjectVersion arn:aws:s3:::b/k"],
    );
    check(
        "s3",
        "DeleteBucketReplication",
        object,
        &["s3:PutReplicationConfiguration arn:aws:s3:::b"],
    );
    check(
        "s3",
        "PutObject",
        r#"{"bucketName":"b","key":"k","x-amz-tagging":"a=b","x-amz-acl":"private"}"#,
        &[
            "s3:PutObject arn:aws:s3:::b/k",
            "s3:PutObjectAcl arn:aws:s3:::b/k",
            "s3:PutObjectTagging arn:aws:s3:::b/k",
        ],
    );
    check(
        "s3",
        "CreateBucket",
        r#"{"bucketName":"b","x-amz-acl":"private"}"#,
        &["s3:CreateBucket arn:aws:s3:::b"],
    );
    for unclear in [
        r#"{"bucketName":"b","key":"***"}"#,
        r#"{"bucketName":"b","key":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#,
        r#"{"bucketName":"b","key":"a*"}"#,
        r#"{"bucketName":"b","key":"a\u0000"}"#,
        r#"{"bucketName":"x-s3alias","key":"k"}"#,
        r#"{"bucketName":"arn:aws:s3:eu-west-1:111122223333:accesspoint/a","key":"k"}"#,
        r#"{"bucketName":"b"}"#,
        r#"{"bucketName":["b","c"],"key":["k","l"]}"#,
        "null",
    ] {
        check("s3", "HeadObject", unclear, &["s3:GetObject "]);
    }
    // What is cut short may have had a version.
    let cut = ["s3:GetObject ", "s3:GetObjectVersion "];
    check("s3", "HeadObject", "{\"bucketName\":\"b", &cut);
    check(
        "s3",
        "HeadObject",
        r#"{"omitted":true,"originalSize":1}"#,
        &cut,
    );
}

#[test]
fn a_copy_reads_its_source_and_writes_its_destination() {
    let copy = |source: &str| {
        let parameters = format!(
            r#"{{"bucketName":"b","key":"k","x-amz-copy-source":"{source}","x-amz-tagging-directive":"REPLACE"}}"#
        );
        needs_of(
            "s3",
            "CopyObject",
            &parameters,
            &["arn:aws:s3:::b/k", "arn:aws:s3:::b"],
        )
    };
    assert_eq!(
        copy("/from/a%20b/c"),
        [
            "s3:GetObject arn:aws:s3:::from/a b/c",
            "s3:PutObject arn:aws:s3:::b/k"
        ]
    );
    // A version is told by a query, whose sign a policy would read as a pattern.
    assert_eq!(
        copy("from/a?versionId=1"),
        [
            "s3:GetObjectVersion arn:aws:s3:::from/a",
            "s3:PutObject arn:aws:s3:::b/k"
        ]
    );
    assert_eq!(
        copy("from/%zz"),
        ["s3:GetObject ", "s3:PutObject arn:aws:s3:::b/k"]
    );
    let needs = needs("s3", "CopyObject", r#"{"bucketName":"b","key":"k"}"#);
    assert!(needs.contains(&"s3:GetObject ".to_owned()), "{needs:?}");
    assert!(
        needs.contains(&"s3:PutObjectTagging arn:aws:s3:::b/k".to_owned()),
        "{needs:?}"
    );
}

#[test]
fn roles_that_are_passed_are_told_where_their_arn_is() {
    check(
        "lambda",
        "CreateFunction20150331",
        &format!(r#"{{"functionName":"f","role":"{ROLE}"}}"#),
        &[
            &format!("iam:PassRole {ROLE}"),
            "lambda:CreateFunction arn:aws:lambda:eu-west-1:111122223333:function:f",
        ],
    );
    let pass = |source: &str, name: &str, parameters: &str| {
        let needs = needs(source, name, parameters).into_iter();
        let pass = needs.filter_map(|need| Some(need.strip_prefix("iam:PassRole ")?.to_owned()));
        pass.collect::<Vec<_>>()
    };
    let nothing: [&str; 0] = [];
    for (source, name, parameters, roles) in [
        (
            "glue",
            "CreateJob",
            r#"{"name":"j","role":"by-name"}"#.to_owned(),
            &[""][..],
        ),
        (
            "glue",
            "CreateJob",
            format!(r#"{{"role":"{ROLE}"}}"#),
            &[ROLE],
        ),
        (
            "glue",
            "CreateJob",
            r#"{"role":"arn:aws:iam::123456789012:user/u"}"#.to_owned(),
            &[""],
        ),
        ("cloudformation", "CreateStack", "{}".to_owned(), &nothing),
        ("cloudformation", "CreateStack", "null".to_owned(), &nothing),
        (
            "cloudformation",
            "CreateStack",
            r#"{"roleARN":"***"}"#.to_owned(),
            &[""],
        ),
        (
            "codepipeline",
            "CreatePipeline",
            format!(r#"{{"pipeline":{{"roleArn":"{ROLE}"}}}}"#),
            &[ROLE],
        ),
        (
            "redshift",
            "CreateCluster",
            format!(r#"{{"iamRoles":["{ROLE}","short"]}}"#),
            &["", ROLE],
        ),
        (
            "ec2",
            "RunInstances",
            r#"{"iamInstanceProfile":{"name":"p"}}"#.to_owned(),
            &[""],
        ),
        (
            "ec2",
            "RunInstances",
            r#"{"launchTemplate":{"launchTemplateId":"lt-0123456789"}}"#.to_owned(),
            &[""],
        ),
        ("ec2", "RunInstances", "{}".to_owned(), &nothing),
        (
            "ecs",
            "RunTask",
            format!(r#"{{"overrides":{{"taskRoleArn":"{ROLE}"}}}}"#),
            &["", ROLE],
        ),
        ("ecs", "CreateService", "{}".to_owned(), &[""]),
        (
            "s3",
            "PutBucketReplication",
            format!(r#"{{"ReplicationConfiguration":{{"Role":"{ROLE}"}}}}"#),
            &[ROLE],
        ),
    ] {
        assert_eq!(
            pass(source, name, &parameters),
            roles,
            "{name} {parameters}"
        );
    }
}

#[test]
fn ids_and_names_make_arns() {
    let at = |service: &str, rest: &str| format!("arn:aws:{service}:eu-west-1:111122223333:{rest}");
    let queue = "arn:aws:sqs:eu-west-1:999988887777:q.fifo";
    for (source, name, parameters, expected) in [
        (
            "sqs",
            "SendMessage",
            r#"{"queueUrl":"https://sqs.eu-west-1.amazonaws.com/999988887777/q.fifo"}"#,
            queue.to_owned(),
        ),
        (
            "sqs",
            "GetQueueUrl",
            r#"{"queueName":"q.fifo","queueOwnerAWSAccountId":"999988887777"}"#,
            queue.to_owned(),
        ),
        (
            "sqs",
            "GetQueueUrl",
            r#"{"queueName":"q.fifo","queueOwnerAWSAccountId":"x"}"#,
            String::new(),
        ),
        ("sns", "CreateTopic", r#"{"name":"t"}"#, at("sns", "t")),
        (
            "sns",
            "Publish",
            r#"{"topicArn":"arn:aws:sns:us-east-1:999988887777:t"}"#,
            "arn:aws:sns:us-east-1:999988887777:t".to_owned(),
        ),
        (
            "kms",
            "Decrypt",
            r#"{"keyId":"0123-ab"}"#,
            at("kms", "key/0123-ab"),
        ),
        ("kms", "Decrypt", r#"{"keyId":"alias/a"}"#, String::new()),
        (
            "kms",
            "Decrypt",
            r#"{"keyId":"arn:aws:kms:eu-west-1:111122223333:alias/a"}"#,
            String::new(),
        ),
        (
            "secretsmanager",
            "GetSecretValue",
            r#"{"secretId":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/b-Ab12Cd"}"#,
            at("secretsmanager", "secret:a/b-Ab12Cd"),
        ),
        (
            "secretsmanager",
            "GetSecretValue",
            r#"{"secretId":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:my-secret"}"#,
            String::new(),
        ),
        (
            "secretsmanager",
            "GetSecretValue",
            r#"{"secretId":"a/b"}"#,
            String::new(),
        ),
        (
            "ssm",
            "GetParameter",
            r#"{"name":"/a/b"}"#,
            at("ssm", "parameter/a/b"),
        ),
        ("ssm", "GetParameter", r#"{"name":"/a/b:3"}"#, String::new()),
        (
            "ssm",
            "GetDocument",
            r#"{"name":"mine"}"#,
            at("ssm", "document/mine"),
        ),
        (
            "dynamodb",
            "PutItem",
            r#"{"tableName":"t","key":{}}"#,
            at("dynamodb", "table/t"),
        ),
        (
            "dynamodb",
            "PutItem",
            r#"{"tableName":"arn:aws:dynamodb:eu-west-1:111122223333:table/t"}"#,
            at("dynamodb", "table/t"),
        ),
        (
            "rds",
            "DeleteDBInstance",
            r#"{"dBInstanceIdentifier":"d"}"#,
            at("rds", "db:d"),
        ),
        (
            "rds",
            "DeleteDBInstance",
            r#"{"dBInstanceIdentifier":"Large"}"#,
            String::new(),
        ),
        (
            "ecr",
            "PutImage",
            r#"{"repositoryName":"a/b","registryId":"999988887777"}"#,
            "arn:aws:ecr:eu-west-1:999988887777:repository/a/b".to_owned(),
        ),
        (
            "ecs",
            "DescribeTasks",
            r#"{"tasks":["0a1b"],"cluster":"arn:aws:ecs:eu-west-1:111122223333:cluster/c"}"#,
            at("ecs", "task/c/0a1b"),
        ),
        (
            "ecs",
            "DescribeTasks",
            r#"{"tasks":["0a1b"]}"#,
            at("ecs", "task/default/0a1b"),
        ),
        (
            "ecs",
            "RegisterTaskDefinition",
            r#"{"family":"f"}"#,
            String::new(),
        ),
        (
            "events",
            "PutRule",
            r#"{"name":"r"}"#,
            at("events", "rule/r"),
        ),
        (
            "events",
            "PutRule",
            r#"{"name":"r","eventBusName":"default"}"#,
            at("events", "rule/r"),
        ),
        (
            "events",
            "PutRule",
            r#"{"name":"r","eventBusName":"b"}"#,
            at("events", "rule/b/r"),
        ),
        (
            "logs",
            "PutRetentionPolicy",
            r#"{"logGroupName":"/a/b"}"#,
            at("logs", "log-group:/a/b:*"),
        ),
        (
            "logs",
            "PutLogEvents",
            r#"{"logGroupName":"/a","logStreamName":"s/1"}"#,
            at("logs", "log-group:/a:log-stream:s/1"),
        ),
        (
            "lambda",
            "Invoke",
            r#"{"functionName":"999988887777:function:f"}"#,
            "arn:aws:lambda:eu-west-1:999988887777:function:f".to_owned(),
        ),
        ("iam", "GetRole", r#"{"roleName":"r"}"#, String::new()),
        (
            "iam",
            "GetPolicy",
            r#"{"policyArn":"arn:aws:iam::111122223333:policy/a/p"}"#,
            "arn:aws:iam::111122223333:policy/a/p".to_owned(),
        ),
        (
            "iam",
            "CreateUser",
            r#"{"userName":"u"}"#,
            "arn:aws:iam::111122223333:user/u".to_owned(),
        ),
        (
            "iam",
            "CreateUser",
            r#"{"path":"/a/b/","userName":"u"}"#,
            "arn:aws:iam::111122223333:user/a/b/u".to_owned(),
        ),
        (
            "sts",
            "AssumeRole",
            &format!(r#"{{"roleArn":"{ROLE}"}}"#),
            ROLE.to_owned(),
        ),
        (
            "cloudfront",
            "GetDistribution2020_05_31",
            r#"{"id":"E1"}"#,
            "arn:aws:cloudfront::111122223333:distribution/E1".to_owned(),
        ),
        (
            "bedrock",
            "InvokeModel",
            r#"{"modelId":"anthropic.claude-v1:0"}"#,
            "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-v1:0".to_owned(),
        ),
        (
            "bedrock",
            "InvokeModel",
            r#"{"modelId":"eu.anthropic.claude-v1:0"}"#,
            String::new(),
        ),
        (
            "cloudformation",
            "DescribeStacks",
            r#"{"stackName":"s"}"#,
            String::new(),
        ),
        (
            "apigateway",
            "GetIntegration",
            r#"{"restApiId":"a1","resourceId":"r1","httpMethod":"GET"}"#,
            "arn:aws:apigateway:eu-west-1::/restapis/a1/resources/r1/methods/GET/integration"
                .to_owned(),
        ),
        (
            "apigateway",
            "GetIntegration",
            r#"{"restApiId":"a1"}"#,
            String::new(),
        ),
        (
            "apigateway",
            "GetStage",
            r#"{"apiId":"a1","stageName":"s"}"#,
            "arn:aws:apigateway:eu-west-1::/apis/a1/stages/s".to_owned(),
        ),
    ] {
        let needs = needs(source, name, parameters);
        let resources: Vec<&str> = needs
            .iter()
            .filter_map(|need| Some(need.split_once(' ')?.1))
            .filter(|_| !name.starts_with("PassRole"))
            .collect();
        let own: Vec<&&str> = resources
            .iter()
            .filter(|one| !one.contains(":role/") || source == "sts")
            .collect();
        assert!(own.contains(&&&*expected), "{name} {parameters}: {needs:?}");
    }
}

#[test]
fn several_ids_are_several_needs() {
    let function = "lambda:InvokeFunction arn:aws:lambda:eu-west-1:111122223333:function:f";
    check(
        "lambda",
        "Invoke",
        r#"{"functionName":"f:1","qualifier":"live"}"#,
        &[
            function,
            &format!("{function}:1"),
            &format!("{function}:live"),
        ],
    );
    let table = "arn:aws:dynamodb:eu-west-1:111122223333:table";
    check(
        "dynamodb",
        "BatchGetItem",
        r#"{"requestItems":{"a":{"keys":[]},"b":{}}}"#,
        &[
            &format!("dynamodb:BatchGetItem {table}/a"),
            &format!("dynamodb:BatchGetItem {table}/b"),
        ],
    );
    check(
        "dynamodb",
        "Query",
        r#"{"tableName":"a","indexName":"i"}"#,
        &[
            &format!("dynamodb:Query {table}/a"),
            &format!("dynamodb:Query {table}/a/index/i"),
        ],
    );
    // The index is not named, so that the table's ARN says nothing that is not clear.
    check(
        "dynamodb",
        "Query",
        r#"{"tableName":"arn:aws:dynamodb:eu-west-1:999988887777:table/a"}"#,
        &["dynamodb:Query arn:aws:dynamodb:eu-west-1:999988887777:table/a"],
    );
    check(
        "ecs",
        "DescribeTasks",
        r#"{"tasks":["0a"],"cluster":"arn:aws:ecs:eu-west-1:999988887777:cluster/c"}"#,
        &["ecs:DescribeTasks "],
    );
    check(
        "codeartifact",
        "DescribeDomain",
        r#"{"domain":"d","domainOwner":"999988887777"}"#,
        &["codeartifact:DescribeDomain arn:aws:codeartifact:eu-west-1:999988887777:domain/d"],
    );
    check(
        "dynamodb",
        "TransactWriteItems",
        r#"{"transactItems":[{"put":{"tableName":"a"}},{"delete":{"tableName":"b"}}]}"#,
        &[
            &format!("dynamodb:DeleteItem {table}/b"),
            &format!("dynamodb:PutItem {table}/a"),
        ],
    );
    check(
        "dynamodb",
        "TransactWriteItems",
        "{}",
        &[
            "dynamodb:ConditionCheckItem ",
            "dynamodb:DeleteItem ",
            "dynamodb:PutItem ",
            "dynamodb:UpdateItem ",
        ],
    );
    check(
        "dynamodb",
        "ExecuteStatement",
        r#"{"statement":" insert into t value {}"}"#,
        &["dynamodb:PartiQLInsert "],
    );
    assert_eq!(needs("dynamodb", "ExecuteStatement", "{}").len(), 4);
    let batch =
        r#"{"statements":[{"statement":"SELECT * FROM t"},{"statement":"-- why\nDELETE FROM t"}]}"#;
    let needed = needs("dynamodb", "BatchExecuteStatement", batch);
    let verbs = ["Delete", "Insert", "Select", "Update"];
    assert_eq!(needed, verbs.map(|verb| format!("dynamodb:PartiQL{verb} ")));
    check(
        "ssm",
        "SendCommand",
        r#"{"instanceIds":["i-0123456789abcdef0","mi-0123456789abcdef0"],"documentName":"AWS-RunShellScript"}"#,
        &[
            "ssm:SendCommand arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0",
            "ssm:SendCommand arn:aws:ssm:eu-west-1:111122223333:managed-instance/mi-0123456789abcdef0",
            "ssm:SendCommand arn:aws:ssm:eu-west-1::document/AWS-RunShellScript",
        ],
    );
    check(
        "kms",
        "ReEncrypt",
        r#"{"sourceKeyId":"a","destinationKeyId":"b"}"#,
        &[
            "kms:ReEncryptFrom arn:aws:kms:eu-west-1:111122223333:key/a",
            "kms:ReEncryptTo arn:aws:kms:eu-west-1:111122223333:key/b",
        ],
    );
}

#[test]
fn ec2_ids_tell_their_type_wherever_they_stand() {
    let at = |action: &str, rest: &str| {
        format!("ec2:{action} arn:aws:ec2:eu-west-1:111122223333:{rest}")
    };
    let id = "0123456789abcdef0";
    check(
        "ec2",
        "TerminateInstances",
        &format!(
            r#"{{"instancesSet":{{"items":[{{"instanceId":"i-{id}"}},{{"instanceId":"i-1{id}"}}]}}}}"#
        ),
        &[
            &at("TerminateInstances", &format!("instance/i-{id}")),
            &at("TerminateInstances", &format!("instance/i-1{id}")),
        ],
    );
    check(
        "ec2",
        "DeleteNatGateway",
        &format!(
            r#"{{"DeleteNatGatewayRequest":{{"NatGatewayId":{{"tag":1,"content":"nat-{id}"}}}}}}"#
        ),
        &[&at("DeleteNatGateway", &format!("natgateway/nat-{id}"))],
    );
    check(
        "ec2",
        "CreateTags",
        &format!(
            r#"{{"resourcesSet":{{"items":[{{"resourceId":"vpc-{id}"}}]}},"tagSet":{{"items":[{{"key":"k","value":"i-{id}"}}]}}}}"#
        ),
        &[&at("CreateTags", &format!("vpc/vpc-{id}"))],
    );
    check(
        "ec2",
        "CreateSubnet",
        &format!(
            r#"{{"vpcId":"vpc-{id}","tagSpecificationSet":{{"items":[{{"resourceType":"subnet","tags":[]}}]}}}}"#
        ),
        &[
            &at("CreateSubnet", "subnet/*"),
            &at("CreateSubnet", &format!("vpc/vpc-{id}")),
            &at("CreateTags", "subnet/*"),
        ],
    );
    check(
        "ec2",
        "DeleteVpc",
        r#"{"vpcId":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#,
        &["ec2:DeleteVpc "],
    );
    check("ec2", "DeleteVpc", "null", &["ec2:DeleteVpc "]);
    check("ec2", "DescribeVpcs", "null", &["ec2:DescribeVpcs *"]);
    let needs = needs(
        "ec2",
        "RunInstances",
        &format!(
            r#"{{"instancesSet":{{"items":[{{"imageId":"ami-{id}","keyName":"k"}}]}},"subnetId":"subnet-{id}",
               "networkInterfaceSet":{{"items":[{{"groupSet":{{"items":[{{"groupId":"sg-{id}"}}]}}}}]}}}}"#
        ),
    );
    assert_eq!(
        needs,
        [
            at("RunInstances", "instance/*"),
            at("RunInstances", "key-pair/k"),
            at("RunInstances", "network-interface/*"),
            at("RunInstances", &format!("security-group/sg-{id}")),
            at("RunInstances", &format!("subnet/subnet-{id}")),
            at("RunInstances", "volume/*"),
            format!("ec2:RunInstances arn:aws:ec2:eu-west-1::image/ami-{id}"),
        ]
    );
}

#[test]
fn tags_need_an_action_where_there_are_some() {
    let queue = "arn:aws:sqs:eu-west-1:111122223333:q";
    let create = &*format!("sqs:CreateQueue {queue}");
    check("sqs", "CreateQueue", r#"{"queueName":"q"}"#, &[create]);
    check(
        "sqs",
        "CreateQueue",
        r#"{"queueName":"q","tags":{}}"#,
        &[create],
    );
    check(
        "sqs",
        "CreateQueue",
        r#"{"queueName":"q","tags":{"a":"b"}}"#,
        &[create, &format!("sqs:TagQueue {queue}")],
    );
    // Which of the instance and its groups is tagged is not said.
    let needs = needs(
        "rds",
        "CreateDBInstance",
        r#"{"dBInstanceIdentifier":"d","tags":[{"key":"a"}]}"#,
    );
    assert!(
        needs.contains(&"rds:AddTagsToResource ".to_owned()),
        "{needs:?}"
    );
    assert!(
        needs.contains(&"rds:CreateDBInstance arn:aws:rds:eu-west-1:111122223333:og:*".to_owned()),
        "{needs:?}"
    );
}

#[test]
fn what_the_record_lists_goes_before_what_parameters_say() {
    let key = "arn:aws:kms:eu-west-1:999988887777:key/1";
    assert_eq!(
        needs_of("kms", "Decrypt", r#"{"keyId":"alias/a"}"#, &[key]),
        [format!("kms:Decrypt {key}")]
    );
    assert_eq!(
        needs_of(
            "s3",
            "GetObject",
            r#"{"bucketName":"b","key":"k"}"#,
            &["arn:aws:s3:::b", "arn:aws:s3:::b/k"]
        ),
        ["s3:GetObject arn:aws:s3:::b/k"]
    );
    assert_eq!(
        needs_of(
            "kms",
            "Decrypt",
            "{}",
            &["arn:aws:s3:::b", "arn:aws:kms:eu-west-1:999988887777:key/*"]
        ),
        ["kms:Decrypt "]
    );
}

#[test]
fn requests_that_are_hostile_tell_nothing_and_end_soon() {
    let many: Vec<String> = (0..1_001).map(|number| format!("\"t{number}\"")).collect();
    let start = std::time::Instant::now();
    let list = format!(r#"{{"names":[{}]}}"#, many.join(","));
    check("ssm", "GetParameters", &list, &["ssm:GetParameters "]);
    let few = format!(r#"{{"names":[{}]}}"#, many[..1_000].join(","));
    assert_eq!(needs("ssm", "GetParameters", &few).len(), 1_000);
    for (open, close) in [("[", "]"), (r#"{"items":"#, "}"), (r#"{"a":"#, "}")] {
        let deep = format!(
            r#"{{"instanceId":{}1{}}}"#,
            open.repeat(100_000),
            close.repeat(100_000)
        );
        assert_eq!(
            needs("ec2", "TerminateInstances", &deep),
            ["ec2:TerminateInstances "]
        );
    }
    let ids: Vec<String> = (0..1_001)
        .map(|number| format!("\"i-{number:017}\""))
        .collect();
    let list = format!(r#"{{"instancesSet":{{"items":[{}]}}}}"#, ids.join(","));
    check(
        "ec2",
        "TerminateInstances",
        &list,
        &["ec2:TerminateInstances "],
    );
    for odd in [
        "",
        "{",
        "\u{0}",
        "[]",
        "1",
        "\"a\"",
        r#"{"names":{"names":[[["a"]]]}}"#,
        r#"{"\ud800":1}"#,
    ] {
        needs("ssm", "GetParameters", odd);
    }
    assert!(start.elapsed().as_secs() < 20);
}

#[test]
fn functions_are_told_by_every_form_of_their_names() {
    let own = "lambda:InvokeFunction arn:aws:lambda:eu-west-1:111122223333:function:f";
    let others = "lambda:InvokeFunction arn:aws:lambda:eu-west-1:444455556666:function:f";
    for (name, expected) in [
        ("f", own),
        ("function:f", own),
        ("444455556666:f", others),
        ("444455556666:function:f", others),
        ("eu-west-1:444455556666:function:f", others),
    ] {
        let parameters = format!(r#"{{"functionName":"{name}"}}"#);
        check("lambda", "Invoke", &parameters, &[expected]);
    }
}

#[test]
fn what_would_be_told_of_the_wrong_account_region_or_id_is_left_empty() {
    check(
        "ssm",
        "GetParameter",
        r#"{"name":"/aws/service/ami-amazon-linux-latest/x"}"#,
        &["ssm:GetParameter "],
    );
    for partial in ["db-prod01", "app-db2025", "my-secret"] {
        let arn = format!("arn:aws:secretsmanager:eu-west-1:111122223333:secret:{partial}");
        let parameters = format!(r#"{{"secretId":"{arn}"}}"#);
        let expected = ["secretsmanager:GetSecretValue "];
        check("secretsmanager", "GetSecretValue", &parameters, &expected);
    }
    let needs = needs(
        "ec2",
        "CopySnapshot",
        r#"{"sourceRegion":"us-east-1","sourceSnapshotId":"snap-0123456789abcdef0"}"#,
    );
    assert!(
        needs
            .iter()
            .all(|need| !need.contains("snap-0123456789abcdef0")),
        "{needs:?}"
    );
}

#[test]
fn an_access_point_is_judged_besides_the_object() {
    let listed = [
        "arn:aws:s3:::b/a",
        "arn:aws:s3:eu-west-1:111122223333:accesspoint/ap",
    ];
    let parameters =
        r#"{"bucketName":"arn:aws:s3:eu-west-1:111122223333:accesspoint/ap","key":"a"}"#;
    assert_eq!(
        needs_of("s3", "GetObject", parameters, &listed),
        ["s3:GetObject ", "s3:GetObject arn:aws:s3:::b/a"]
    );
}

#[test]
fn roles_of_newer_calls_are_passed_too() {
    for (source, name, parameters) in [
        (
            "events",
            "PutTargets",
            r#"{"rule":"r","targets":[{"id":"1","roleArn":"ROLE"}]}"#,
        ),
        (
            "scheduler",
            "CreateSchedule",
            r#"{"name":"s","target":{"roleArn":"ROLE"}}"#,
        ),
        ("pipes", "CreatePipe", r#"{"name":"p","roleArn":"ROLE"}"#),
        (
            "eks",
            "CreatePodIdentityAssociation",
            r#"{"clusterName":"c","roleArn":"ROLE"}"#,
        ),
        (
            "iot",
            "CreateTopicRule",
            r#"{"ruleName":"r","topicRulePayload":{"actions":[{"sqs":{"roleArn":"ROLE"}}]}}"#,
        ),
        (
            "cloudformation",
            "DeleteStack",
            r#"{"stackName":"s","roleARN":"ROLE"}"#,
        ),
        (
            "ssm",
            "StartAutomationExecution",
            r#"{"documentName":"d","parameters":{"AutomationAssumeRole":["ROLE"]}}"#,
        ),
    ] {
        let needs = needs(source, name, &parameters.replace("ROLE", ROLE));
        let expected = format!("iam:PassRole {ROLE}");
        assert!(needs.contains(&expected), "{source} {name}: {needs:?}");
    }
}

#[test]
fn calls_that_need_more_than_their_names_say() {
    let layer = "arn:aws:lambda:eu-west-1:444455556666:layer:l:1";
    let needs_of_layer = needs(
        "lambda",
        "UpdateFunctionConfiguration20150331v2",
        &format!(r#"{{"functionName":"f","layers":["{layer}"]}}"#),
    );
    let expected = format!("lambda:GetLayerVersion {layer}");
    assert!(needs_of_layer.contains(&expected), "{needs_of_layer:?}");
    let of_both = needs("autoscaling", "PutScalingPolicy", "{}");
    for service in ["autoscaling", "application-autoscaling"] {
        let begin = format!("{service}:PutScalingPolicy ");
        assert!(
            of_both.iter().any(|need| need.starts_with(&begin)),
            "{of_both:?}"
        );
    }
    let session = needs("ssm", "StartSession", r#"{"target":"ecs:c_t_r"}"#);
    assert!(
        session
            .iter()
            .any(|need| need.contains(":task/") || need == "ssm:StartSession "),
        "{session:?}"
    );
    let databases = needs("glue", "GetDatabases", "{}");
    assert!(
        databases.contains(&"glue:GetDatabases ".to_owned()),
        "{databases:?}"
    );
    let distribution = needs("cloudfront", "CreateDistributionWithTags2020_05_31", "{}");
    assert!(
        distribution
            .iter()
            .any(|need| need.starts_with("cloudfront:CreateDistribution ")),
        "{distribution:?}"
    );
}
