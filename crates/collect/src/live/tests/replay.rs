//! An HTTP client that answers by itself and keeps what it was asked, in the place of the network.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::region::Region;

/// A request as it would have gone out.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    /// With scheme, host, path and query.
    pub uri: String,
    /// `service/Region` of the signature.
    pub scope: String,
    /// The operation: of `x-amz-target` or of the form; empty where the path tells it.
    pub operation: String,
    pub body: String,
}

impl Sent {
    pub(super) fn host(&self) -> &str {
        self.uri.split('/').nth(2).unwrap_or_default()
    }
}

/// In place of a status: the answer never comes.
pub(super) const NO_ANSWER: u16 = 0;
/// In place of a status: no connection was made, and the text says why.
pub(super) const NOT_REACHED: u16 = 1;

type Answer = fn(&Sent) -> (u16, String);

#[derive(Debug, Clone)]
pub(super) struct Replay {
    sent: Arc<Mutex<Vec<Sent>>>,
    answer: Answer,
}

impl Replay {
    pub(super) fn new(answer: Answer) -> Self {
        Self {
            sent: Arc::default(),
            answer,
        }
    }

    pub(super) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// Credentials that nobody checks, and this client.
    pub(super) async fn config(&self, region: &str) -> SdkConfig {
        let connector = SharedHttpConnector::new(self.clone());
        let credentials =
            aws_sdk_sts::config::Credentials::new("AKIA", "secret", None, None, "test");
        aws_config::defaults(aws_config::BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .credentials_provider(credentials)
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .load()
            .await
    }
}

impl HttpConnector for Replay {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
        let authorization = header("authorization");
        let scope: Vec<&str> = authorization.split('/').skip(2).take(2).collect();
        let of_form = body.strip_prefix("Action=").unwrap_or_default();
        let target = header("x-amz-target");
        let operation = target.rsplit('.').next().filter(|name| !name.is_empty());
        let sent = Sent {
            uri: request.uri().to_owned(),
            scope: scope.iter().rev().copied().collect::<Vec<_>>().join("/"),
            operation: operation
                .or_else(|| of_form.split('&').next())
                .unwrap_or_default()
                .to_owned(),
            body,
        };
        let (status, text) = (self.answer)(&sent);
        self.sent.lock().unwrap().push(sent);
        match status {
            NO_ANSWER => return HttpConnectorFuture::new(std::future::pending()),
            NOT_REACHED => {
                return HttpConnectorFuture::ready(Err(ConnectorError::io(text.into())));
            }
            _ => {}
        }
        let mut response =
            HttpResponse::new(status.try_into().unwrap(), SdkBody::from(text.clone()));
        let kind = if text.starts_with('<') {
            "text/xml"
        } else {
            "application/x-amz-json-1.1"
        };
        response.headers_mut().insert("content-type", kind);
        HttpConnectorFuture::ready(Ok(response))
    }
}
