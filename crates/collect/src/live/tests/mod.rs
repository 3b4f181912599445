//! What goes out and what is made of what comes back, without a network: partitions of AWS, and answers of the shapes that its
//! references show.

mod failures;
mod replay;
mod side_by_side;

use std::collections::BTreeSet;

use leastgrant_inventory::Timestamp;
use serde_json::{Value, json};

use super::accounts::{Sources, member_account};
use super::asker::Asker;
use super::role::Member;
use super::store::AnswerStore;
use super::wire::Clients;
use super::{Counters, iam, organization, read, regional};
use crate::Options;
use replay::{Replay, Sent};

const ACCOUNT: &str = "111122223333";
const DATE: &str = "2026-06-01T10:00:00Z";

fn now() -> Timestamp {
    DATE.parse().unwrap()
}

/// The dataset of what `ask` asks as the account.
fn collected(
    answer: fn(&Sent) -> (u16, String),
    ask: impl AsyncFnOnce(&Asker<'_>, &Clients),
) -> (crate::Collected, Vec<Sent>) {
    let folder = tempfile::tempdir().unwrap();
    let store = AnswerStore::begin(&folder.path().join("answers"), &[]).unwrap();
    let replay = Replay::new(answer);
    let counters = Counters::default();
    let runtime = leastgrant_aws::runtime().unwrap();
    runtime.block_on(async {
        let asker = Asker::new(ACCOUNT, &store, &counters).unwrap();
        let identity = json!({"Account": ACCOUNT, "Partition": "aws", "collected_at": DATE});
        asker.keep("sts:GetCallerIdentity", &json!({}), &identity.to_string());
        let clients = Clients::new(&replay.config("eu-west-1").await, "test");
        ask(&asker, &clients).await;
        asker.finish().unwrap();
    });
    let options = Options {
        from: Vec::new(),
        as_of: None,
        run_time: now(),
        tool_version: String::new(),
        arguments: Vec::new(),
    };
    (
        super::from_answers(&store, &options).unwrap(),
        replay.sent(),
    )
}

/// Whoever is in a role, and may do nothing.
fn only_roles(sent: &Sent) -> (u16, String) {
    let credentials = "<Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>";
    match sent.operation.as_str() {
        "AssumeRole" => (
            200,
            format!("<AssumeRoleResponse><AssumeRoleResult>{credentials}</AssumeRoleResult></AssumeRoleResponse>"),
        ),
        "GetCallerIdentity" => (
            200,
            format!("<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::{ACCOUNT}:assumed-role/r/s</Arn><Account>{ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"),
        ),
        _ if sent.body.starts_with("Action=") || sent.host().starts_with("s3") => (
            403,
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>".to_owned(),
        ),
        _ => (
            400,
            r#"{"__type":"AccessDeniedException","message":"no"}"#.to_owned(),
        ),
    }
}

/// Hosts by the services' pages of "endpoints and quotas" in the AWS General Reference.
#[test]
fn each_partition_has_its_endpoints_and_its_roles() {
    let cases = [
        (
            "aws-us-gov",
            "us-gov-west-1",
            "iam.us-gov.amazonaws.com",
            ".amazonaws.com",
            "us-gov-",
        ),
        (
            "aws-cn",
            "cn-north-1",
            "iam.cn-north-1.amazonaws.com.cn",
            ".amazonaws.com.cn",
            "cn-north",
        ),
    ];
    for (partition, region, iam, suffix, regions) in cases {
        let folder = tempfile::tempdir().unwrap();
        let store = AnswerStore::begin(&folder.path().join("answers"), &[]).unwrap();
        let replay = Replay::new(only_roles);
        let counters = Counters::default();
        let role = Member {
            role_name: "audit/reader".to_owned(),
            external_id: Some("x-1".to_owned()),
            session_name: "stock-take".to_owned(),
            session_tags: vec![("team".to_owned(), "red".to_owned())],
        };
        let sources = Sources {
            resource_policies: true,
            ..Sources::default()
        };
        let member = serde_json::from_value(json!({"Id": ACCOUNT, "Status": "ACTIVE"})).unwrap();
        let runtime = leastgrant_aws::runtime().unwrap();
        let config = runtime.block_on(replay.config(region));
        let asked = member_account(
            &member,
            (&config, &role, partition),
            &sources,
            &store,
            now(),
            &counters,
        );
        runtime.block_on(asked).unwrap();
        let sent = replay.sent();
        let assumed = &sent[0];
        assert_eq!(assumed.operation, "AssumeRole");
        for told in [
            &format!("RoleArn=arn%3A{partition}%3Aiam%3A%3A{ACCOUNT}%3Arole%2Faudit%2Freader"),
            "ExternalId=x-1",
            "RoleSessionName=stock-take",
            "Tags.member.1.Key=team&Tags.member.1.Value=red",
        ] {
            assert!(assumed.body.contains(told), "{told} {}", assumed.body);
        }
        let hosts: BTreeSet<&str> = sent.iter().map(Sent::host).collect();
        assert!(hosts.contains(iam), "{hosts:?}");
        for service in [
            "kms",
            "sns",
            "sqs",
            "lambda",
            "secretsmanager",
            "s3",
            "cloudtrail",
        ] {
            let host = format!("{service}.{region}{suffix}");
            assert!(hosts.contains(&*host), "{host} {hosts:?}");
        }
        for sent in &sent {
            assert!(sent.host().ends_with(suffix), "{sent:?}");
            let (_, signed_for) = sent.scope.split_once('/').unwrap();
            assert!(signed_for.starts_with(regions), "{sent:?}");
        }
        assert!(!read::read(&store).unwrap().is_empty());
    }
}

/// AWS Organizations API Reference, `ListPolicies`, `DescribePolicy` and `ListTargetsForPolicy`, with a resource control policy.
#[test]
fn resource_control_policies_come_with_their_targets() {
    fn answer(sent: &Sent) -> (u16, String) {
        let asked: Value = serde_json::from_str(&sent.body).unwrap();
        let summary = json!({"Id": "p-rcp0000001", "Arn": "arn:aws:organizations::111122223333:policy/o-exampleorgid/resource_control_policy/p-rcp0000001", "Name": "perimeter", "Description": "", "Type": "RESOURCE_CONTROL_POLICY", "AwsManaged": false});
        let answer = match sent.operation.as_str() {
            "DescribeOrganization" => {
                json!({"Organization": {"Id": "o-exampleorgid", "Arn": "arn:aws:organizations::111122223333:organization/o-exampleorgid", "FeatureSet": "ALL", "MasterAccountArn": "arn:aws:organizations::111122223333:account/o-exampleorgid/111122223333", "MasterAccountId": ACCOUNT, "MasterAccountEmail": "a@example.com", "AvailablePolicyTypes": []}})
            }
            "ListAccounts" => {
                json!({"Accounts": [{"Id": ACCOUNT, "Arn": "arn:aws:organizations::111122223333:account/o-exampleorgid/111122223333", "Name": "main", "Status": "ACTIVE", "JoinedMethod": "INVITED", "JoinedTimestamp": 1_481_830_215.45}]})
            }
            "ListRoots" => {
                json!({"Roots": [{"Id": "r-exam", "Arn": "arn:aws:organizations::111122223333:root/o-exampleorgid/r-exam", "Name": "Root", "PolicyTypes": [{"Status": "ENABLED", "Type": "RESOURCE_CONTROL_POLICY"}]}]})
            }
            "ListAccountsForParent" => json!({"Accounts": [{"Id": ACCOUNT}]}),
            "ListOrganizationalUnitsForParent" => json!({"OrganizationalUnits": []}),
            // Pages may be empty and not the last.
            "ListPolicies" if asked["Filter"] == "SERVICE_CONTROL_POLICY" => {
                json!({"Policies": []})
            }
            "ListPolicies" if asked["NextToken"].is_null() => {
                json!({"Policies": [], "NextToken": "more"})
            }
            "ListPolicies" => json!({"Policies": [summary]}),
            "DescribePolicy" => {
                json!({"Policy": {"PolicySummary": summary, "Content": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"}})
            }
            "ListTargetsForPolicy" => {
                json!({"Targets": [{"TargetId": "r-exam", "Arn": "arn:aws:organizations::111122223333:root/o-exampleorgid/r-exam", "Name": "Root", "Type": "ROOT"}]})
            }
            other => panic!("{other}"),
        };
        (200, answer.to_string())
    }
    let (collected, sent) = collected(answer, async |asker, clients| {
        organization::collect(asker, &clients.organizations, ACCOUNT, false).await;
    });
    assert_eq!(collected.manifest.gaps, []);
    let dataset = collected.dataset;
    let policy = &dataset.organization_policies[0];
    assert_eq!(
        policy.policy_type.as_deref(),
        Some("RESOURCE_CONTROL_POLICY")
    );
    assert!(policy.document.as_ref().unwrap().contains("2012-10-17"));
    assert_eq!(dataset.organization_policy_targets[0].target_id, "r-exam");
    let listed = sent.iter().filter(|sent| sent.operation == "ListPolicies");
    assert_eq!(listed.count(), 3);
}

/// IAM Access Analyzer API Reference, `ListAnalyzers` and `ListFindingsV2`, of an analyzer of unused access; CloudTrail API Reference,
/// `ListEventDataStores` and `GetEventDataStore`.
#[test]
fn findings_of_unused_access_and_event_data_stores_are_kept() {
    const STORE: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE";
    fn answer(sent: &Sent) -> (u16, String) {
        let analyzer = "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/unused";
        let finding = |id: &str, kind: &str| json!({"analyzedAt": DATE, "createdAt": DATE, "id": id, "resource": "arn:aws:iam::111122223333:role/web", "resourceType": "AWS::IAM::Role", "resourceOwnerAccount": ACCOUNT, "status": "ACTIVE", "updatedAt": DATE, "findingType": kind});
        let answer = match (sent.operation.as_str(), sent.uri.contains("/findingv2")) {
            ("", true) if sent.body.contains("nextToken") => {
                json!({"findings": [finding("2", "UnusedPermission")]})
            }
            ("", true) => json!({"findings": [finding("1", "UnusedIAMRole")], "nextToken": "AAA"}),
            ("", false) => {
                json!({"analyzers": [{"arn": analyzer, "name": "unused", "type": "ACCOUNT_UNUSED_ACCESS", "createdAt": DATE, "status": "ACTIVE", "configuration": {"unusedAccess": {"unusedAccessAge": 90}}}]})
            }
            ("DescribeTrails", _) => json!({"trailList": []}),
            ("ListTrails", _) => json!({"Trails": []}),
            ("ListEventDataStores", _) if !sent.body.contains("NextToken") => {
                json!({"EventDataStores": [], "NextToken": "more"})
            }
            ("ListEventDataStores", _) => {
                json!({"EventDataStores": [{"EventDataStoreArn": STORE, "Name": "all"}]})
            }
            ("GetEventDataStore", _) => {
                json!({"EventDataStoreArn": STORE, "Name": "all", "Status": "STOPPED_INGESTION", "AdvancedEventSelectors": [{"Name": "Management events", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}], "MultiRegionEnabled": false, "OrganizationEnabled": false, "RetentionPeriod": 90, "TerminationProtectionEnabled": true, "CreatedTimestamp": 1_646_431_482.5, "UpdatedTimestamp": 1_646_431_482.5})
            }
            (other, _) => panic!("{other}"),
        };
        (200, answer.to_string())
    }
    let (collected, _) = collected(answer, async |asker, clients| {
        regional::analyzers(asker, &clients.access_analyzer).await;
        regional::trails(asker, &clients.cloudtrail).await;
    });
    assert_eq!(collected.manifest.gaps, []);
    let findings = &collected.dataset.analyzer_findings;
    let kinds: Vec<Value> = findings
        .iter()
        .map(|row| serde_json::from_str::<Value>(&row.finding).unwrap()["findingType"].clone())
        .collect();
    assert_eq!(kinds, ["UnusedIAMRole", "UnusedPermission"]);
    let stores = &collected.dataset.event_data_stores;
    assert_eq!(stores.len(), 1);
    let store = &stores[0];
    assert_eq!(
        (store.arn.as_str(), store.account_id.as_str()),
        (STORE, ACCOUNT)
    );
    assert_eq!(store.status.as_deref(), Some("STOPPED_INGESTION"));
    assert_eq!(store.retention_days, Some(90));
    assert_eq!(
        store.created_at.unwrap().to_string(),
        "2022-03-04T22:04:42.5Z"
    );
    assert!(
        store
            .event_selectors
            .as_ref()
            .unwrap()
            .contains("Management")
    );
    // It is no trail of which logs could be read.
    assert_eq!(collected.dataset.trails, []);
}

/// IAM API Reference, `GetServiceLastAccessedDetails`, at the level of actions, with a role that has none of them.
#[test]
fn last_accessed_data_tell_actions_over_several_pages() {
    fn answer(sent: &Sent) -> (u16, String) {
        let (operation, result) = match sent.operation.as_str() {
            "GetAccountAuthorizationDetails" => (
                "GetAccountAuthorizationDetails",
                format!(
                    "<IsTruncated>false</IsTruncated><UserDetailList/><GroupDetailList/><Policies/><RoleDetailList><member><Arn>arn:aws:iam::{ACCOUNT}:role/web</Arn><RoleName>web</RoleName><RoleId>AROAEXAMPLEEXAMPLE000</RoleId><Path>/</Path><CreateDate>{DATE}</CreateDate><RolePolicyList/><AttachedManagedPolicies/><InstanceProfileList/></member></RoleDetailList>"
                ),
            ),
            "GenerateServiceLastAccessedDetails" => {
                assert!(
                    sent.body.contains("Granularity=ACTION_LEVEL"),
                    "{}",
                    sent.body
                );
                (
                    "GenerateServiceLastAccessedDetails",
                    "<JobId>examplef-1305-c245-eba4-71fe298bcda7</JobId>".to_owned(),
                )
            }
            "GetServiceLastAccessedDetails" => {
                let is_second = sent.body.contains("Marker=page-2");
                let (services, end) = if is_second {
                    (
                        "<member><ServiceName>Amazon SQS</ServiceName><ServiceNamespace>sqs</ServiceNamespace><TotalAuthenticatedEntities>0</TotalAuthenticatedEntities></member>".to_owned(),
                        "<IsTruncated>false</IsTruncated>",
                    )
                } else {
                    (
                        format!(
                            "<member><ServiceName>Amazon S3</ServiceName><LastAuthenticated>{DATE}</LastAuthenticated><LastAuthenticatedEntity>arn:aws:iam::{ACCOUNT}:role/web</LastAuthenticatedEntity><LastAuthenticatedRegion>us-east-1</LastAuthenticatedRegion><ServiceNamespace>s3</ServiceNamespace><TotalAuthenticatedEntities>1</TotalAuthenticatedEntities><TrackedActionsLastAccessed><member><ActionName>CreateBucket</ActionName><LastAccessedEntity>arn:aws:iam::{ACCOUNT}:role/web</LastAccessedEntity><LastAccessedRegion>us-east-1</LastAccessedRegion><LastAccessedTime>{DATE}</LastAccessedTime></member><member><ActionName>DeleteBucket</ActionName></member></TrackedActionsLastAccessed></member>"
                        ),
                        "<IsTruncated>true</IsTruncated><Marker>page-2</Marker>",
                    )
                };
                (
                    "GetServiceLastAccessedDetails",
                    format!(
                        "<JobStatus>COMPLETED</JobStatus><JobType>ACTION_LEVEL</JobType><JobCreationDate>{DATE}</JobCreationDate><JobCompletionDate>{DATE}</JobCompletionDate><ServicesLastAccessed>{services}</ServicesLastAccessed>{end}"
                    ),
                )
            }
            _ => return only_roles(sent),
        };
        (
            200,
            format!(
                "<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
            ),
        )
    }
    let (collected, _) = collected(answer, async |asker, clients| {
        iam::collect(asker, &clients.iam).await;
    });
    let dataset = collected.dataset;
    let services: Vec<_> = dataset
        .last_accessed_services
        .iter()
        .map(|row| (&*row.service_namespace, row.last_authenticated_at.is_some()))
        .collect();
    assert_eq!(services, [("s3", true), ("sqs", false)]);
    let actions: Vec<_> = dataset
        .last_accessed_actions
        .iter()
        .map(|row| (&*row.action_name, row.last_accessed_at.is_some()))
        .collect();
    assert_eq!(actions, [("CreateBucket", true), ("DeleteBucket", false)]);
}
