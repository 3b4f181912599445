//! Settings to a client configuration.

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::{AppName, BehaviorVersion, Region};
use aws_types::SdkConfig;
use aws_types::sdk_config::SharedCredentialsProvider;

use crate::certificates::{Bundle, in_environment};
use crate::presentable;
use crate::profile::{self, Refusing};

/// Attempts of one call. IAM and CloudTrail throttle per account, and a stock-take can wait.
const MOST_ATTEMPTS: u32 = 8;

/// Where no setting names a Region. IAM, Organizations and STS have their global endpoints there.
const DEFAULT_REGION: &str = "us-east-1";

/// The endpoint of all services in the environment; with `_` and a service's name, that of one.
const ENDPOINTS: &str = "AWS_ENDPOINT_URL";

/// Which account is reached, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// A profile of `~/.aws/config`; without it the SDK's usual chain decides.
    pub profile: Option<String>,
    /// A Region; without it the profile's or the environment's.
    pub region: Option<String>,
    /// One endpoint for all services, such as a test server's.
    pub endpoint_url: Option<String>,
}

/// What keeps AWS from being asked at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The machine gives no threads or no timers.
    #[error("cannot start the network runtime")]
    Runtime(#[source] std::io::Error),
}

/// The runtime that AWS is asked in: a few threads, whatever the number of those that compute.
///
/// # Errors
/// [`Error::Runtime`].
pub fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Error::Runtime)
}

impl Connection {
    /// The configuration that all clients of this account are made from. Nothing is asked yet.
    pub async fn config(&self) -> SdkConfig {
        let profiles = profile::profiles().await;
        let profile = self.profile.as_deref();
        let selected = profiles
            .as_ref()
            .map(|profiles| profiles.selected_profile());
        let files = profile::files(
            profile.or(selected).unwrap_or_default(),
            self.endpoint_url.as_deref(),
        );
        let retry = RetryConfig::standard().with_max_attempts(MOST_ATTEMPTS);
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .retry_config(retry)
            .profile_files(files.clone());
        if let Ok(name) = AppName::new("leastgrant") {
            loader = loader.app_name(name);
        }
        if let Some(profile) = profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(endpoint) = &self.endpoint_url {
            loader = loader.endpoint_url(endpoint);
        }
        let bundle = Bundle::named(in_environment(), profiles.as_ref(), profile);
        let client = bundle.map(|bundle| bundle.client()).transpose();
        if let Ok(Some(client)) = &client {
            loader = loader.http_client(client.clone());
        }
        let config = loader.load().await;
        let region = match config.region() {
            Some(region) => region.clone(),
            None => Region::new(DEFAULT_REGION),
        };
        let mut config = config.into_builder().region(region.clone());
        let has_credentials = profile::has_the_environment_credentials();
        let problem = profiles
            .and_then(|profiles| profile::problem(&profiles, profile, has_credentials))
            .or_else(|| client.as_ref().err().cloned());
        if let Some(problem) = problem {
            config = config.credentials_provider(SharedCredentialsProvider::new(Refusing(problem)));
        } else if let Some(profile) = profile {
            // As in the `aws` CLI: a profile that is asked for goes before credentials of the environment, which the SDK's own
            // chain prefers.
            let mut provider = ProviderConfig::without_region().with_region(Some(region));
            if let Ok(Some(client)) = client {
                provider = provider.with_http_client(client);
            }
            let credentials = ProfileFileCredentialsProvider::builder()
                .configure(&provider)
                .profile_files(files)
                .profile_name(profile)
                .build();
            config = config.credentials_provider(SharedCredentialsProvider::new(credentials));
        }
        config.build()
    }

    /// Where calls go, whatever says so: the Region, and endpoints in the place of AWS's own. No call is made.
    pub async fn place(&self) -> Vec<String> {
        let config = self.config().await;
        let region = config.region().map_or("", |region| region.as_ref());
        let mut place = vec![format!("AWS_REGION={region}")];
        if let Some(url) = config.endpoint_url() {
            place.push(format!("{ENDPOINTS}={}", presentable(url)));
        }
        let of_services = std::env::vars_os().filter_map(|(name, url)| {
            let name = name.into_string().ok()?;
            let is_of_a_service = name.strip_prefix(ENDPOINTS)?.starts_with('_');
            is_of_a_service.then(|| format!("{name}={}", presentable(&url.to_string_lossy())))
        });
        let mut of_services: Vec<String> = of_services.collect();
        of_services.sort();
        place.extend(of_services);
        place
    }
}
