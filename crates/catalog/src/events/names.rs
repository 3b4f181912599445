//! Names of event sources and events that are not those of prefixes and actions.
//!
//! Facts: AWS documentation and the tables of iann0036/iam-dataset, flosell/trailscraper and duo-labs/cloudtracker (see
//! `NOTICE`), each checked against the catalogue by a test.

/// Hosts without `.amazonaws.com` whose actions have another prefix.
const PREFIXES: &[(&str, &[&str])] = &[
    ("agreement-marketplace", &["aws-marketplace"]),
    ("amazonmq", &["mq"]),
    ("application-insights", &["applicationinsights"]),
    ("appstream2", &["appstream"]),
    // Application Auto Scaling is met under this source too.
    ("autoscaling", &["autoscaling", "application-autoscaling"]),
    ("billingconsole", &["billing"]),
    ("chime-sdk-media-pipelines", &["chime"]),
    ("chime-sdk-voice", &["chime"]),
    ("cloudcontrolapi", &["cloudformation"]),
    ("contact-lens", &["connect"]),
    ("discovery-marketplace", &["aws-marketplace"]),
    ("email", &["ses"]),
    ("iotdata", &["iot"]),
    ("management-marketplace", &["aws-marketplace-management"]),
    ("marketplacecatalog", &["aws-marketplace"]),
    ("migrationhub", &["mgh"]),
    ("models.lex", &["lex"]),
    ("models.lex.v2", &["lex"]),
    ("monitoring", &["cloudwatch"]),
    ("mturk-requester", &["mechanicalturk"]),
    ("opensearchservice", &["es"]),
    ("participant-connect", &["connect"]),
    ("pinpoint", &["mobiletargeting"]),
    ("pricelist", &["pricing"]),
    ("qconnect", &["wisdom"]),
    ("rdsdata", &["rds-data"]),
    ("reporting-marketplace", &["aws-marketplace"]),
    ("runtime.lex", &["lex"]),
    ("runtime.lex.v2", &["lex"]),
    ("servicecatalog-appregistry", &["servicecatalog"]),
    ("streams.dynamodb", &["dynamodb"]),
    ("tagging", &["tag"]),
    ("taxconsole", &["tax"]),
    ("transcribestreaming", &["transcribe"]),
];

/// Events of a source that need other actions than the one that they are called like; names in lower case.
///
/// What an event needs only with some parameters is not here.
const RENAMES: &[(&str, &str, &[&str])] = &[
    ("dynamodb", "transactgetitems", &["dynamodb:GetItem"]),
    ("glue", "batchupdatepartition", &["glue:UpdatePartition"]),
    ("glue", "createpartitionindex", &["glue:UpdateTable"]),
    (
        "glue",
        "deletecolumnstatisticsforpartition",
        &["glue:UpdatePartition"],
    ),
    (
        "glue",
        "deletecolumnstatisticsfortable",
        &["glue:UpdateTable"],
    ),
    ("glue", "deletepartitionindex", &["glue:UpdateTable"]),
    (
        "glue",
        "getcolumnstatisticsforpartition",
        &["glue:GetPartition"],
    ),
    ("glue", "getcolumnstatisticsfortable", &["glue:GetTable"]),
    ("glue", "getpartitionindexes", &["glue:GetTable"]),
    (
        "kms",
        "reencrypt",
        &["kms:ReEncryptFrom", "kms:ReEncryptTo"],
    ),
    ("kms", "replicatekey", &["kms:CreateKey"]),
    (
        "lambda",
        "getlayerversionbyarn",
        &["lambda:GetLayerVersion"],
    ),
    ("lambda", "invoke", &["lambda:InvokeFunction"]),
    ("lambda", "invokeasync", &["lambda:InvokeFunction"]),
    (
        "lambda",
        "invokewithresponsestream",
        &["lambda:InvokeFunction"],
    ),
    (
        "mediapackage",
        "configurelogs",
        &["mediapackage:UpdateChannel"],
    ),
    ("s3", "completemultipartupload", &["s3:PutObject"]),
    ("s3", "createmultipartupload", &["s3:PutObject"]),
    (
        "s3",
        "deletebucketanalyticsconfiguration",
        &["s3:PutAnalyticsConfiguration"],
    ),
    ("s3", "deletebucketcors", &["s3:PutBucketCORS"]),
    (
        "s3",
        "deletebucketencryption",
        &["s3:PutEncryptionConfiguration"],
    ),
    (
        "s3",
        "deletebucketintelligenttieringconfiguration",
        &["s3:PutIntelligentTieringConfiguration"],
    ),
    (
        "s3",
        "deletebucketinventoryconfiguration",
        &["s3:PutInventoryConfiguration"],
    ),
    (
        "s3",
        "deletebucketlifecycle",
        &["s3:PutLifecycleConfiguration"],
    ),
    (
        "s3",
        "deletebucketmetricsconfiguration",
        &["s3:PutMetricsConfiguration"],
    ),
    (
        "s3",
        "deletebucketreplication",
        &["s3:PutReplicationConfiguration"],
    ),
    ("s3", "deletebuckettagging", &["s3:PutBucketTagging"]),
    ("s3", "deleteobjects", &["s3:DeleteObject"]),
    (
        "s3",
        "getbucketaccelerateconfiguration",
        &["s3:GetAccelerateConfiguration"],
    ),
    (
        "s3",
        "getbucketanalyticsconfiguration",
        &["s3:GetAnalyticsConfiguration"],
    ),
    ("s3", "getbucketcors", &["s3:GetBucketCORS"]),
    (
        "s3",
        "getbucketencryption",
        &["s3:GetEncryptionConfiguration"],
    ),
    (
        "s3",
        "getbucketintelligenttieringconfiguration",
        &["s3:GetIntelligentTieringConfiguration"],
    ),
    (
        "s3",
        "getbucketinventoryconfiguration",
        &["s3:GetInventoryConfiguration"],
    ),
    (
        "s3",
        "getbucketlifecycle",
        &["s3:GetLifecycleConfiguration"],
    ),
    (
        "s3",
        "getbucketlifecycleconfiguration",
        &["s3:GetLifecycleConfiguration"],
    ),
    (
        "s3",
        "getbucketmetricsconfiguration",
        &["s3:GetMetricsConfiguration"],
    ),
    (
        "s3",
        "getbucketnotificationconfiguration",
        &["s3:GetBucketNotification"],
    ),
    (
        "s3",
        "getbucketreplication",
        &["s3:GetReplicationConfiguration"],
    ),
    (
        "s3",
        "getobjectlockconfiguration",
        &["s3:GetBucketObjectLockConfiguration"],
    ),
    (
        "s3",
        "getstoragelensdashboarddatainternal",
        &["s3:GetStorageLensDashboard"],
    ),
    ("s3", "headbucket", &["s3:ListBucket"]),
    ("s3", "headobject", &["s3:GetObject"]),
    (
        "s3",
        "listbucketanalyticsconfigurations",
        &["s3:GetAnalyticsConfiguration"],
    ),
    (
        "s3",
        "listbucketintelligenttieringconfigurations",
        &["s3:GetIntelligentTieringConfiguration"],
    ),
    (
        "s3",
        "listbucketinventoryconfigurations",
        &["s3:GetInventoryConfiguration"],
    ),
    (
        "s3",
        "listbucketmetricsconfigurations",
        &["s3:GetMetricsConfiguration"],
    ),
    ("s3", "listbuckets", &["s3:ListAllMyBuckets"]),
    (
        "s3",
        "listmultipartuploads",
        &["s3:ListBucketMultipartUploads"],
    ),
    ("s3", "listobjects", &["s3:ListBucket"]),
    ("s3", "listobjectsv2", &["s3:ListBucket"]),
    ("s3", "listobjectversions", &["s3:ListBucketVersions"]),
    ("s3", "listparts", &["s3:ListMultipartUploadParts"]),
    (
        "s3",
        "putbucketaccelerateconfiguration",
        &["s3:PutAccelerateConfiguration"],
    ),
    (
        "s3",
        "putbucketanalyticsconfiguration",
        &["s3:PutAnalyticsConfiguration"],
    ),
    ("s3", "putbucketcors", &["s3:PutBucketCORS"]),
    (
        "s3",
        "putbucketencryption",
        &["s3:PutEncryptionConfiguration"],
    ),
    (
        "s3",
        "putbucketintelligenttieringconfiguration",
        &["s3:PutIntelligentTieringConfiguration"],
    ),
    (
        "s3",
        "putbucketinventoryconfiguration",
        &["s3:PutInventoryConfiguration"],
    ),
    (
        "s3",
        "putbucketlifecycle",
        &["s3:PutLifecycleConfiguration"],
    ),
    (
        "s3",
        "putbucketlifecycleconfiguration",
        &["s3:PutLifecycleConfiguration"],
    ),
    (
        "s3",
        "putbucketmetricsconfiguration",
        &["s3:PutMetricsConfiguration"],
    ),
    (
        "s3",
        "putbucketnotificationconfiguration",
        &["s3:PutBucketNotification"],
    ),
    (
        "s3",
        "putbucketreplication",
        &["s3:PutReplicationConfiguration"],
    ),
    (
        "s3",
        "putobjectlockconfiguration",
        &["s3:PutBucketObjectLockConfiguration"],
    ),
    ("s3", "selectobjectcontent", &["s3:GetObject"]),
    ("s3", "uploadpart", &["s3:PutObject"]),
    (
        "s3",
        "writegetobjectresponse",
        &["s3-object-lambda:WriteGetObjectResponse"],
    ),
    ("sns", "publishbatch", &["sns:Publish"]),
    (
        "sqs",
        "changemessagevisibilitybatch",
        &["sqs:ChangeMessageVisibility"],
    ),
    ("sqs", "deletemessagebatch", &["sqs:DeleteMessage"]),
    ("sqs", "sendmessagebatch", &["sqs:SendMessage"]),
    ("ssm", "getinventoryschema", &["ssm:GetInventory"]),
];

/// Calls that need no permission of the caller, not even against a Deny; names in lower case.
const NEED_NOTHING: &[(&str, &str)] = &[
    ("dynamodb", "describeendpoints"),
    ("signin", "checkmfa"),
    ("signin", "consolelogin"),
    ("signin", "credentialverification"),
    ("signin", "exitrole"),
    ("signin", "renewrole"),
    ("signin", "switchrole"),
    ("signin", "userauthentication"),
    // The call is not signed; only the trust policy is asked.
    ("sts", "assumerolewithsaml"),
    ("sts", "assumerolewithwebidentity"),
    ("sts", "getcalleridentity"),
    ("sts", "getsessiontoken"),
];

/// The prefixes that actions of a source can have, the likeliest first.
pub(super) fn prefixes(host: &str) -> Vec<&str> {
    match PREFIXES.iter().find(|(source, _)| *source == host) {
        Some((_, prefixes)) => prefixes.to_vec(),
        None => vec![host],
    }
}

/// The other actions that an event needs.
pub(super) fn renames(host: &str, lower_name: &str) -> &'static [&'static str] {
    RENAMES
        .iter()
        .find(|(source, name, _)| *source == host && *name == lower_name)
        .map_or(&[], |(_, _, actions)| actions)
}

/// Whether the call needs no permission of the caller.
pub(super) fn needs_nothing(host: &str, lower_name: &str) -> bool {
    NEED_NOTHING.contains(&(host, lower_name))
}

/// The name without the date of an API's version, as Lambda (`20150331v2`) and CloudFront (`2020_05_31`) append it.
pub(super) fn without_version(name: &str) -> Option<&str> {
    let stem = match name.rsplit_once(['v', 'V']) {
        Some((stem, version)) if is_digits(version) && is_date(stem) => stem,
        _ => name,
    };
    let dashed = ["____", "__", "__"];
    let underscored = || {
        let (stem, date) = stem.split_at_checked(stem.len().checked_sub("2020_05_31".len())?)?;
        let mut parts = date.split('_');
        let fits = dashed.iter().all(|like| {
            parts
                .next()
                .is_some_and(|part| part.len() == like.len() && is_digits(part))
        });
        (fits && date.starts_with("20")).then_some(stem)
    };
    match is_date(stem) {
        true => stem.get(..stem.len().checked_sub("20150331".len())?),
        false => underscored(),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a name ends in eight digits that begin with `20`.
fn is_date(name: &str) -> bool {
    let date = name
        .len()
        .checked_sub("20150331".len())
        .and_then(|start| name.get(start..));
    date.is_some_and(|date| date.starts_with("20") && is_digits(date))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;

    #[test]
    fn every_target_is_an_action_of_the_catalogue() {
        for (_, name, actions) in RENAMES {
            for action in *actions {
                assert!(Catalog::get().action(action).is_some(), "{name}: {action}");
            }
        }
        for prefix in PREFIXES.iter().flat_map(|(_, prefixes)| *prefixes) {
            assert!(Catalog::get().service(prefix).is_some(), "{prefix}");
        }
    }

    #[test]
    fn names_of_the_tables_are_sorted_and_in_lower_case() {
        assert!(PREFIXES.is_sorted_by_key(|(source, _)| source));
        assert!(NEED_NOTHING.is_sorted());
        for (source, name, _) in RENAMES {
            assert_eq!(name.to_ascii_lowercase(), *name, "{source}");
        }
    }

    #[test]
    fn versions_are_cut_off_and_nothing_else() {
        for (name, stem) in [
            ("GetFunction20150331v2", Some("GetFunction")),
            ("CreateAlias20150331", Some("CreateAlias")),
            ("CreateDistribution2020_05_31", Some("CreateDistribution")),
            ("CreateClusterV2", None),
            ("RestoreDBClusterFromS3", None),
            ("20150331", Some("")),
            ("2020_05_31", Some("")),
            ("é", None),
        ] {
            assert_eq!(without_version(name), stem, "{name}");
        }
    }
}
