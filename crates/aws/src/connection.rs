//! Settings to a client configuration.

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::{AppName, BehaviorVersion, Region};
use aws_types::SdkConfig;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::sdk_config::SharedCredentialsProvider;

/// Attempts of one call. IAM and CloudTrail throttle per account, and a stock-take can wait.
const MOST_ATTEMPTS: u32 = 8;

/// Where no setting names a Region. IAM, Organizations and STS have their global endpoints there.
const DEFAULT_REGION: &str = "us-east-1";

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
    /// The files of AWS's configuration have no such profile.
    #[error(
        "there is no profile `{name}` in the AWS configuration; {}",
        known_profiles(known)
    )]
    Profile {
        /// What was asked for.
        name: String,
        /// Those that there are, sorted.
        known: Vec<String>,
    },
}

fn known_profiles(known: &[String]) -> String {
    match known {
        [] => "it has none: `aws configure` makes one".to_owned(),
        known => format!("it has `{}`", known.join("`, `")),
    }
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
    /// Looks whether the profile is one of the configuration's, which the SDK tells only by having no credentials.
    ///
    /// # Errors
    /// [`Error::Profile`] if it is none of them, [`Error::Runtime`].
    pub fn expect_profile(&self) -> Result<(), Error> {
        // The SDK takes the default profile to be there always.
        let Some(name) = self.profile.as_deref().filter(|name| *name != "default") else {
            return Ok(());
        };
        let files = Default::default();
        let profiles = runtime()?.block_on(async {
            aws_config::profile::load(&Fs::real(), &Env::real(), &files, None).await
        });
        // What is wrong with the files is told when they are used.
        let Ok(profiles) = profiles else {
            return Ok(());
        };
        if profiles.get_profile(name).is_some() {
            return Ok(());
        }
        let mut known: Vec<String> = profiles.profiles().map(str::to_owned).collect();
        known.sort();
        Err(Error::Profile {
            name: name.to_owned(),
            known,
        })
    }

    /// The configuration that all clients of this account are made from. Nothing is asked yet.
    pub async fn config(&self) -> SdkConfig {
        let retry = RetryConfig::standard().with_max_attempts(MOST_ATTEMPTS);
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).retry_config(retry);
        if let Ok(name) = AppName::new("leastgrant") {
            loader = loader.app_name(name);
        }
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(endpoint) = &self.endpoint_url {
            loader = loader.endpoint_url(endpoint);
        }
        let config = loader.load().await;
        let region = match config.region() {
            Some(region) => region.clone(),
            None => Region::new(DEFAULT_REGION),
        };
        let mut config = config.into_builder().region(region.clone());
        if let Some(profile) = &self.profile {
            // As in the `aws` CLI: a profile that is asked for goes before credentials of the environment, which the SDK's own
            // chain prefers.
            let credentials = ProfileFileCredentialsProvider::builder()
                .configure(&ProviderConfig::without_region().with_region(Some(region)))
                .profile_name(profile)
                .build();
            config = config.credentials_provider(SharedCredentialsProvider::new(credentials));
        }
        config.build()
    }
}
