//! What is made of answers that are none, of accounts that are none, and of roles that nobody gives.

use std::time::Duration;

use aws_types::SdkConfig;
use aws_types::region::Region;
use leastgrant_aws::{Failure, FailureKind};
use serde_json::json;

use super::replay::{NO_ANSWER, NOT_REACHED, Replay, Sent};
use super::{ACCOUNT, collected};
use crate::live::asker::has_expired;
use crate::live::calls::{GET_ACCOUNT_SUMMARY, LIST_ACCOUNTS};
use crate::live::role::{Member, in_role};
use crate::live::wire::{Clients, shaped};
use crate::live::{organization, regional, without_files};

fn role() -> Member {
    Member {
        role_name: "reader".to_owned(),
        external_id: None,
        session_name: "stock-take".to_owned(),
        session_tags: Vec::new(),
    }
}

/// An id is a part of a role's ARN and of a file's name.
#[test]
fn what_is_no_account_of_the_organization_is_a_gap_and_is_not_asked() {
    fn answer(sent: &Sent) -> (u16, String) {
        let answer = match sent.operation.as_str() {
            "DescribeOrganization" => json!({"Organization": {"MasterAccountId": ACCOUNT}}),
            "ListAccounts" => json!({"Accounts": [
                {"Id": ACCOUNT, "Status": "ACTIVE"},
                {"Id": "../../evil", "Status": "ACTIVE"},
                {"Id": "444455556666", "Status": "ACTIVE"},
                {"Id": "４４４４５５５５６６６６", "Status": "SUSPENDED"},
            ]}),
            "ListRoots" => json!({"Roots": []}),
            _ => json!({"Policies": []}),
        };
        (200, answer.to_string())
    }
    let mut asked = Vec::new();
    let (collected, _) = collected(answer, async |asker, clients| {
        let members = organization::collect(asker, &clients.organizations, ACCOUNT, true).await;
        assert!(!members.are_all);
        asked.extend(members.accounts.into_iter().map(|member| member.id));
    });
    assert_eq!(asked, [ACCOUNT, "444455556666"]);
    let gaps = collected.manifest.gaps;
    let named = gaps
        .iter()
        .find(|gap| gap.source.ends_with(LIST_ACCOUNTS.name));
    let reason = &named.unwrap().reason;
    assert!(reason.contains("`../../evil`"), "{reason}");
}

#[test]
fn expired_credentials_are_no_matter_of_the_region_in_any_spelling() {
    let told = |code: &str| {
        let failure = Failure {
            call: "cloudtrail:ListTrails",
            kind: FailureKind::Credentials,
            code: Some(code.to_owned()),
            message: code.to_owned(),
        };
        let runtime = leastgrant_aws::runtime().unwrap();
        let attempt = async { Err(failure) };
        let told = runtime.block_on(regional::in_region(Some("eu-west-1"), attempt));
        told.unwrap_err()
    };
    for code in ["ExpiredToken", "ExpiredTokenException"] {
        let failure = told(code);
        assert!(has_expired(&failure));
        assert_eq!(failure.kind, FailureKind::Credentials, "{code}");
        assert!(!failure.message.contains("opted in"), "{failure:?}");
    }
    let other = told("UnrecognizedClientException");
    assert!(other.message.contains("opted in"), "{other:?}");
}

#[test]
fn a_role_that_nobody_answers_for_is_told_as_such() {
    let runtime = leastgrant_aws::runtime().unwrap();
    let failure = runtime.block_on(async {
        let replay = Replay::new(|_| (NO_ANSWER, String::new()));
        let config = replay.config("eu-west-1");
        let arn = format!("arn:aws:iam::{ACCOUNT}:role/reader");
        in_role(&config.await, &arn, &role(), Duration::from_millis(50)).await
    });
    let failure = failure.unwrap_err();
    assert_eq!(failure.call, "sts:AssumeRole");
    assert!(failure.message.contains("no answer"), "{failure:?}");
}

fn summary_of(config: &SdkConfig) -> Failure {
    let runtime = leastgrant_aws::runtime().unwrap();
    let asked = async {
        let iam = Clients::new(config, "test").iam;
        let sent = iam.get_account_summary().send();
        shaped(GET_ACCOUNT_SUMMARY, sent, |_| json!({})).await
    };
    runtime.block_on(asked).unwrap_err()
}

#[test]
fn who_cannot_be_connected_to_is_tried_twice() {
    let runtime = leastgrant_aws::runtime().unwrap();
    let replay = Replay::new(|_| (NOT_REACHED, "client error (Connect): refused".to_owned()));
    let mut config = runtime.block_on(replay.config("eu-west-1"));
    summary_of(&config);
    assert_eq!(replay.sent().len(), 2);
    // That is what hyper says of it.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    config = runtime.block_on(async {
        aws_config::defaults(aws_config::BehaviorVersion::latest())
            .region(Region::from_static("eu-west-1"))
            .credentials_provider(config.credentials_provider().unwrap())
            .endpoint_url(url)
            .load()
            .await
    });
    let failure = summary_of(&config);
    assert!(failure.message.contains("(Connect)"), "{failure:?}");
}

#[test]
fn what_is_to_be_done_about_an_answer_is_not_about_files() {
    assert_eq!(
        without_files("the next one is missing (`a`; b); export all pages"),
        "the next one is missing (`a`; b); collect again with `--resume`"
    );
    assert_eq!(without_files("x; y"), "x; y");
}
