//! What belongs to the account itself: summary, password policy, alias, providers and certificates.

use aws_sdk_iam::Client;
use futures::future::{join, join5};
use serde::Deserialize;
use serde_json::{Map, json};

use super::shapes::{self, date};
use crate::live::asker::Asker;
use crate::live::calls::{
    GET_ACCOUNT_PASSWORD_POLICY, GET_ACCOUNT_SUMMARY, GET_OPEN_ID_CONNECT_PROVIDER,
    LIST_ACCOUNT_ALIASES, LIST_OPEN_ID_CONNECT_PROVIDERS, LIST_SAML_PROVIDERS,
    LIST_SERVER_CERTIFICATES,
};
use crate::live::wire::shaped;

pub(super) async fn collect(asker: &Asker<'_>, iam: &Client) {
    let providers = join(saml_providers(asker, iam), oidc_providers(asker, iam));
    join5(
        summary(asker, iam),
        password_policy(asker, iam),
        aliases(asker, iam),
        server_certificates(asker, iam),
        providers,
    )
    .await;
}

async fn summary(asker: &Asker<'_>, iam: &Client) {
    let attempt = asker.in_turn(shaped(
        GET_ACCOUNT_SUMMARY,
        iam.get_account_summary().send(),
        |answer| {
            let counters: Map<_, _> = answer
                .summary_map
                .iter()
                .flatten()
                .map(|(name, value)| (name.as_str().to_owned(), json!(value)))
                .collect();
            json!({"SummaryMap": counters})
        },
    ));
    asker.ask(GET_ACCOUNT_SUMMARY, &json!({}), attempt).await;
}

async fn password_policy(asker: &Asker<'_>, iam: &Client) {
    let attempt = asker.in_turn(shaped(
        GET_ACCOUNT_PASSWORD_POLICY,
        iam.get_account_password_policy().send(),
        |answer| {
            answer
                .password_policy
                .as_ref()
                .map_or(json!({}), shapes::password_policy)
        },
    ));
    asker
        .ask(GET_ACCOUNT_PASSWORD_POLICY, &json!({}), attempt)
        .await;
}

async fn aliases(asker: &Asker<'_>, iam: &Client) {
    asker
        .pages(LIST_ACCOUNT_ALIASES, &json!({}), "Marker", |marker| {
            shaped(
                LIST_ACCOUNT_ALIASES,
                iam.list_account_aliases().set_marker(marker).send(),
                |answer| {
                    shapes::page(
                        "AccountAliases",
                        json!(answer.account_aliases),
                        answer.is_truncated,
                        answer.marker.as_ref(),
                    )
                },
            )
        })
        .await;
}

async fn server_certificates(asker: &Asker<'_>, iam: &Client) {
    asker
        .pages(LIST_SERVER_CERTIFICATES, &json!({}), "Marker", |marker| {
            shaped(
                LIST_SERVER_CERTIFICATES,
                iam.list_server_certificates().set_marker(marker).send(),
                |answer| {
                    let items = &answer.server_certificate_metadata_list;
                    shapes::page(
                        "ServerCertificateMetadataList",
                        shapes::list(items, shapes::server_certificate),
                        answer.is_truncated,
                        answer.marker.as_ref(),
                    )
                },
            )
        })
        .await;
}

async fn saml_providers(asker: &Asker<'_>, iam: &Client) {
    let attempt = asker.in_turn(shaped(
        LIST_SAML_PROVIDERS,
        iam.list_saml_providers().send(),
        |answer| {
            let providers = shapes::list(answer.saml_provider_list(), |provider| {
                json!({
                    "Arn": provider.arn,
                    "CreateDate": date(provider.create_date.as_ref()),
                    "ValidUntil": date(provider.valid_until.as_ref()),
                })
            });
            json!({"SAMLProviderList": providers})
        },
    ));
    asker.ask(LIST_SAML_PROVIDERS, &json!({}), attempt).await;
}

async fn oidc_providers(asker: &Asker<'_>, iam: &Client) {
    #[derive(Deserialize, Default)]
    struct Providers {
        #[serde(rename = "OpenIDConnectProviderList", default)]
        list: Vec<Provider>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Provider {
        arn: String,
    }
    let attempt = asker.in_turn(shaped(
        LIST_OPEN_ID_CONNECT_PROVIDERS,
        iam.list_open_id_connect_providers().send(),
        |answer| {
            let providers = shapes::list(
                answer.open_id_connect_provider_list(),
                |provider| json!({"Arn": provider.arn}),
            );
            json!({"OpenIDConnectProviderList": providers})
        },
    ));
    let listed = asker
        .ask(LIST_OPEN_ID_CONNECT_PROVIDERS, &json!({}), attempt)
        .await;
    let providers: Providers = listed.map(|listed| listed.read(asker)).unwrap_or_default();
    let each = providers.list.iter().map(|Provider { arn }| async move {
        let attempt = asker.in_turn(shaped(
            GET_OPEN_ID_CONNECT_PROVIDER,
            iam.get_open_id_connect_provider()
                .open_id_connect_provider_arn(arn)
                .send(),
            |answer| {
                json!({
                    "Url": answer.url,
                    "ClientIDList": answer.client_id_list,
                    "CreateDate": date(answer.create_date.as_ref()),
                })
            },
        ));
        let parameters = json!({"OpenIDConnectProviderArn": arn});
        asker
            .ask(GET_OPEN_ID_CONNECT_PROVIDER, &parameters, attempt)
            .await;
    });
    futures::future::join_all(each).await;
}
