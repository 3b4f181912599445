//! Policies of resources: buckets, keys, topics, queues, functions, secrets and repositories of all Regions of an account.
//!
//! The Region that the client is set for is asked before the others, so that a call that is allowed nowhere is not asked everywhere.

mod ecr;
mod kms;
mod lambda;
mod s3;
mod secrets_manager;
mod sns;
mod sqs;

use std::future::Future;

use aws_sdk_account::Client as Account;
use aws_sdk_account::types::RegionOptStatus;
use futures::StreamExt as _;
use futures::future::{join, join3};
use leastgrant_aws::Failure;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::asker::Asker;
use super::calls::{Call, LIST_REGIONS};
use super::regional::in_region;
use super::wire::{Clients, raw};

/// Regions side by side; their calls still wait for their turn.
const REGIONS_AT_A_TIME: usize = 4;
/// The same for the resources of a listing.
const RESOURCES_AT_A_TIME: usize = 10;

/// Collects the policies of all resources of an account.
pub(super) async fn collect(asker: &Asker<'_>, clients: &Clients, partition: &str) {
    let home = clients.region();
    let (regions, (), ()) = join3(
        regions(asker, &clients.account),
        s3::collect(asker, clients, partition),
        Box::pin(of_region(asker, clients, partition, home)),
    )
    .await;
    let others = regions.iter().filter(|region| *region != home);
    futures::stream::iter(others)
        .for_each_concurrent(REGIONS_AT_A_TIME, |region| {
            Box::pin(of_region(asker, clients, partition, region))
        })
        .await;
}

/// The Regions that the account has enabled. Where that cannot be asked, it is a gap, and the client's Region is all that is known.
async fn regions(asker: &Asker<'_>, account: &Account) -> Vec<String> {
    #[derive(Deserialize, Default)]
    #[serde(rename_all = "PascalCase", default)]
    struct Page {
        regions: Vec<Region>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Region {
        region_name: String,
    }
    let listed = asker
        .pages(LIST_REGIONS, &json!({}), "NextToken", |token| {
            let request = account
                .list_regions()
                .max_results(50)
                .region_opt_status_contains(RegionOptStatus::Enabled)
                .region_opt_status_contains(RegionOptStatus::EnabledByDefault)
                .set_next_token(token);
            raw(LIST_REGIONS, request.send())
        })
        .await;
    let named = listed.items(asker, |page: Page| page.regions).into_iter();
    let named = named.map(|region| region.region_name);
    named.filter(|region| is_region(region)).collect()
}

/// Anything but a Region's name would be a part of the host that is asked.
pub(super) fn is_region(text: &str) -> bool {
    let is_of_a_name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(is_of_a_name)
}

async fn of_region(asker: &Asker<'_>, clients: &Clients, partition: &str, region: &str) {
    let place = Place {
        asker,
        partition,
        region,
    };
    let clients = clients.of_resources(region);
    join(
        join3(
            kms::collect(&place, &clients.kms),
            sns::collect(&place, &clients.sns),
            sqs::collect(&place, &clients.sqs),
        ),
        join3(
            lambda::collect(&place, &clients.lambda),
            secrets_manager::collect(&place, &clients.secrets_manager),
            ecr::collect(&place, &clients.ecr),
        ),
    )
    .await;
}

/// A Region of an account.
struct Place<'a> {
    asker: &'a Asker<'a>,
    partition: &'a str,
    region: &'a str,
}

impl Place<'_> {
    /// The resources of a service: the elements of all pages, by the shape of a page. `token` is the name of the token's parameter.
    async fn list<F, P, T>(
        &self,
        call: &'static Call,
        token: &str,
        mut page: impl FnMut(Option<String>) -> F,
        items: impl Fn(P) -> Vec<T>,
    ) -> Vec<T>
    where
        F: Future<Output = Result<String, Failure>>,
        P: DeserializeOwned + Default,
    {
        let parameters = json!({"Region": self.region});
        let listed = self.asker.pages(call, &parameters, token, |token| {
            in_region(Some(self.region), page(token))
        });
        listed.await.items(self.asker, items)
    }

    /// The policies of the resources of a service: those of [`Place::list`], and of each what the last two say.
    async fn policies_of<F, P, T, G>(
        &self,
        list: &'static Call,
        token: &str,
        page: impl FnMut(Option<String>) -> F,
        items: impl Fn(P) -> Vec<T>,
        policy: &'static Call,
        ask: impl Fn(&T) -> (String, G),
    ) where
        F: Future<Output = Result<String, Failure>>,
        P: DeserializeOwned + Default,
        G: Future<Output = Result<String, Failure>>,
    {
        let resources = self.list(list, token, page, items).await;
        self.policies(policy, &resources, ask).await;
    }

    /// The policy of each of some resources, of which `ask` knows the ARN and the call.
    async fn policies<'r, T, F>(
        &self,
        call: &'static Call,
        resources: &'r [T],
        ask: impl Fn(&'r T) -> (String, F),
    ) where
        F: Future<Output = Result<String, Failure>>,
    {
        futures::stream::iter(resources)
            .for_each_concurrent(RESOURCES_AT_A_TIME, |resource| {
                let (arn, sent) = ask(resource);
                async move {
                    let attempt = in_region(Some(self.region), self.asker.in_turn(sent));
                    let parameters = json!({"ResourceArn": arn});
                    self.asker.ask(call, &parameters, attempt).await;
                }
            })
            .await;
    }
}
