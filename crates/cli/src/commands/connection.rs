//! How AWS is reached, for all commands that do.

use clap::Args;
use leastgrant_aws::Connection;

/// Settings of the connection; what is not given comes from where the `aws` CLI takes it.
#[derive(Debug, Args)]
#[command(next_help_heading = "AWS options")]
pub(crate) struct ConnectionArguments {
    /// Use this profile of the AWS configuration
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
    /// Use this Region [default: the profile's or the environment's]
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Send all calls to this endpoint
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
}

impl ConnectionArguments {
    pub(crate) fn connection(&self) -> Connection {
        Connection {
            profile: self.profile.clone(),
            region: self.region.clone(),
            endpoint_url: self.endpoint_url.clone(),
        }
    }
}
