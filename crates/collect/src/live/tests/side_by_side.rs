//! Accounts of several profiles at a time.

use serde_json::json;

use super::replay::Replay;
use super::{ACCOUNT, now, only_roles};
use crate::live::Counters;
use crate::live::accounts::{Home, Sources, from_homes};
use crate::live::store::AnswerStore;
use crate::live::wire::Clients;

#[test]
fn each_account_of_a_profile_is_done_once_and_none_is_asked_any_more_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let store = AnswerStore::begin(&folder.path().join("answers"), &[]).unwrap();
    let counters = Counters::default();
    let accounts = [ACCOUNT, "444455556666"];
    let runtime = leastgrant_aws::runtime().unwrap();
    let replay = Replay::new(|sent| match sent.operation.as_str() {
        // That there is no organization, and no instance, ends one half of an account before the other.
        "DescribeOrganization" => (
            400,
            json!({"__type": "AWSOrganizationsNotInUseException", "message": "none"}).to_string(),
        ),
        "ListInstances" => (200, json!({"Instances": []}).to_string()),
        _ => only_roles(sent),
    });
    runtime.block_on(async {
        let mut homes = Vec::new();
        for account_id in accounts {
            let config = replay.config("eu-west-1").await;
            homes.push(Home {
                account_id: account_id.to_owned(),
                clients: Clients::new(&config, account_id),
                config,
                partition: "aws".to_owned(),
                profile: account_id.to_owned(),
            });
        }
        let sources = Sources::default();
        let asked = from_homes(homes, &sources, &store, now(), &counters);
        asked.await.unwrap();
    });
    let asked = counters.now();
    assert_eq!((asked.accounts_done, asked.each), (2, Vec::new()));
    assert_eq!(asked.calls, replay.sent().len() as u64);
    for account_id in accounts {
        assert!(!store.lines(account_id).unwrap().is_empty());
    }
}
