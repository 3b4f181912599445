//! Made-up logs of any size, in the layout of a trail's bucket: the same bytes whenever they are made.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use rayon::prelude::*;

const EVENTS_A_FILE: u64 = 8_000;
const ROLES: u64 = 200;
const USERS: u64 = 60;
const REGIONS: [&str; 4] = ["us-east-1", "eu-central-1", "eu-west-1", "ap-southeast-2"];

/// What is called: source, name, whether it only reads, and parameters with `#` in place of a number.
const CALLS: &[(&str, &str, bool, &str)] = &[
    (
        "ec2",
        "DescribeInstances",
        true,
        r##"{"instancesSet":{"items":[{"instanceId":"i-0a1b2c3d4e5f6#"}]},"filterSet":{}}"##,
    ),
    (
        "ec2",
        "DescribeVolumes",
        true,
        r##"{"volumeSet":{},"filterSet":{"items":[{"name":"attachment.instance-id","valueSet":{"items":[{"value":"i-0a1b2c3d4e5f6#"}]}}]}}"##,
    ),
    (
        "ec2",
        "DescribeSecurityGroups",
        true,
        r##"{"securityGroupSet":{},"securityGroupIdSet":{},"filterSet":{}}"##,
    ),
    (
        "sts",
        "AssumeRole",
        true,
        r##"{"roleArn":"arn:aws:iam::111122223333:role/service/worker-#","roleSessionName":"session-#","durationSeconds":3600}"##,
    ),
    (
        "kms",
        "Decrypt",
        true,
        r##"{"encryptionContext":{"SecretARN":"arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-#"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"##,
    ),
    (
        "secretsmanager",
        "GetSecretValue",
        true,
        r##"{"secretId":"arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-#-AbCdEf"}"##,
    ),
    ("s3", "ListBuckets", true, r##"null"##),
    (
        "s3",
        "GetBucketLocation",
        true,
        r##"{"bucketName":"data-#","Host":"data-#.s3.amazonaws.com","location":""}"##,
    ),
    (
        "s3",
        "PutBucketTagging",
        false,
        r##"{"bucketName":"data-#","tagging":"","Host":"data-#.s3.amazonaws.com"}"##,
    ),
    (
        "logs",
        "DescribeLogGroups",
        true,
        r##"{"logGroupNamePrefix":"/aws/lambda/function-#","limit":50}"##,
    ),
    (
        "logs",
        "CreateLogStream",
        false,
        r##"{"logGroupName":"/aws/lambda/function-#","logStreamName":"2026/10/01/[$LATEST]#"}"##,
    ),
    (
        "lambda",
        "GetFunction20150331v2",
        true,
        r##"{"functionName":"arn:aws:lambda:eu-central-1:111122223333:function:function-#"}"##,
    ),
    (
        "lambda",
        "ListFunctions20150331",
        true,
        r##"{"maxItems":50}"##,
    ),
    (
        "dynamodb",
        "DescribeTable",
        true,
        r##"{"tableName":"orders-#"}"##,
    ),
    (
        "monitoring",
        "DescribeAlarms",
        true,
        r##"{"maxRecords":100,"alarmNamePrefix":"alarm-#"}"##,
    ),
    ("iam", "GetRole", true, r##"{"roleName":"worker-#"}"##),
    (
        "sqs",
        "GetQueueAttributes",
        true,
        r##"{"queueUrl":"https://sqs.eu-central-1.amazonaws.com/111122223333/queue-#","attributeNames":["All"]}"##,
    ),
    (
        "ecr",
        "BatchGetImage",
        true,
        r##"{"registryId":"111122223333","repositoryName":"team/image-#","imageIds":[{"imageTag":"latest"}]}"##,
    ),
    (
        "ssm",
        "GetParameters",
        true,
        r##"{"names":["/app/config/key-#"],"withDecryption":true}"##,
    ),
    (
        "elasticloadbalancing",
        "DescribeTargetHealth",
        true,
        r##"{"targetGroupArn":"arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/group-#/0123456789abcdef"}"##,
    ),
];

/// The files of so many events, in order.
pub(super) fn paths(folder: &Path, events: u64) -> Vec<PathBuf> {
    (0..events.div_ceil(EVENTS_A_FILE))
        .map(|file| {
            let (region, day) = place(file);
            folder.join(format!(
                "AWSLogs/111122223333/CloudTrail/{region}/2026/10/{day:02}/111122223333_CloudTrail_{region}_202610{day:02}T0000Z_{file:08}.json.gz"
            ))
        })
        .collect()
}

/// Region and day of the month.
fn place(file: u64) -> (&'static str, u64) {
    (pick(&REGIONS, file), file % 28 + 1)
}

/// Writes the files that are missing.
pub(super) fn write(folder: &Path, events: u64) -> anyhow::Result<()> {
    let files: Vec<_> = (0..).zip(paths(folder, events)).collect();
    files.into_par_iter().try_for_each(|(file, path)| {
        if path.exists() {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let (region, day) = place(file);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(records(file, region, day)?.as_bytes())?;
        let unfinished = path.with_extension("part");
        std::fs::write(&unfinished, encoder.finish()?)?;
        Ok(std::fs::rename(&unfinished, &path)?)
    })
}

fn records(file: u64, region: &str, day: u64) -> anyhow::Result<String> {
    let mut text = String::from("{\"Records\":[");
    for number in 0..EVENTS_A_FILE {
        if number > 0 {
            text.push(',');
        }
        let event = file * EVENTS_A_FILE + number;
        record(&mut text, event, region, day)?;
    }
    text.push_str("]}");
    Ok(text)
}

fn record(text: &mut String, event: u64, region: &str, day: u64) -> std::fmt::Result {
    let random = mix(event);
    let (source, name, reads, parameters) = CALLS
        .get(usize::try_from(random % 20).unwrap_or_default())
        .copied()
        .unwrap_or_default();
    let second = (random >> 8) % 86_400;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    text.push_str("{\"eventVersion\":\"1.10\",\"userIdentity\":");
    let who = (random >> 32) % (ROLES + USERS);
    // Each works on a few things of its own.
    let parameters = parameters.replace('#', &(who * 4 + (random >> 24) % 3).to_string());
    if who < ROLES {
        let session = (random >> 40) % 24;
        write!(
            text,
            "{{\"type\":\"AssumedRole\",\"principalId\":\"AROAEXAMPLE{who:09}:i-{who:017x}\",\"arn\":\"arn:aws:sts::111122223333:assumed-role/worker-{who}/i-{who:017x}\",\"accountId\":\"111122223333\",\"accessKeyId\":\"ASIAEXAMPLE{who:05}{session:04}\",\"sessionContext\":{{\"sessionIssuer\":{{\"type\":\"Role\",\"principalId\":\"AROAEXAMPLE{who:09}\",\"arn\":\"arn:aws:iam::111122223333:role/service/worker-{who}\",\"accountId\":\"111122223333\",\"userName\":\"worker-{who}\"}},\"attributes\":{{\"creationDate\":\"2026-10-{day:02}T{session:02}:00:00Z\",\"mfaAuthenticated\":\"false\"}},\"ec2RoleDelivery\":\"2.0\"}}}}"
        )?;
    } else {
        write!(
            text,
            "{{\"type\":\"IAMUser\",\"principalId\":\"AIDAEXAMPLE{who:09}\",\"arn\":\"arn:aws:iam::111122223333:user/ci/user-{who}\",\"accountId\":\"111122223333\",\"accessKeyId\":\"AKIAEXAMPLE{who:09}\",\"userName\":\"user-{who}\"}}"
        )?;
    }
    let denied = if random.is_multiple_of(97) {
        ",\"errorCode\":\"AccessDenied\",\"errorMessage\":\"User is not authorized to perform this action because no identity-based policy allows it\""
    } else {
        ""
    };
    let (high, low) = (mix(event ^ 0x5555_5555), mix(event ^ 0x3333_3333_0000));
    let uuid = format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    );
    write!(
        text,
        ",\"eventTime\":\"2026-10-{day:02}T{hour:02}:{minute:02}:{second:02}Z\",\"eventSource\":\"{source}.amazonaws.com\",\"eventName\":\"{name}\",\"awsRegion\":\"{region}\",\"sourceIPAddress\":\"10.{}.{}.{}\",\"userAgent\":\"aws-sdk-go-v2/1.30.{} os/linux lang/go#1.23.1 md/GOOS#linux md/GOARCH#amd64 api/{source}#1.54.2\"{denied},\"requestParameters\":{parameters},\"responseElements\":null,\"requestID\":\"{uuid}\",\"eventID\":\"{uuid}\",\"readOnly\":{reads},\"eventType\":\"AwsApiCall\",\"managementEvent\":true,\"recipientAccountId\":\"111122223333\",\"eventCategory\":\"Management\",\"tlsDetails\":{{\"tlsVersion\":\"TLSv1.3\",\"cipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"clientProvidedHostHeader\":\"{source}.{region}.amazonaws.com\"}}}}",
        random >> 48 & 3,
        random >> 52 & 7,
        random >> 56 & 63,
        random >> 60
    )
}

fn pick(of: &[&'static str], number: u64) -> &'static str {
    let count = u64::try_from(of.len()).unwrap_or(1);
    let place = usize::try_from(number % count).unwrap_or_default();
    of.get(place).copied().unwrap_or_default()
}

/// Splitmix64: numbers that look random and are the same everywhere.
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
