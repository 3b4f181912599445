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
    #[arg(long, value_name = "URL", value_parser = parse_endpoint)]
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

/// The SDK finds out late, and then shows the whole request.
fn parse_endpoint(text: &str) -> Result<String, &'static str> {
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    match host {
        Some(host) if host.starts_with(|first: char| first.is_alphanumeric() || first == '[') => {
            Ok(text.to_owned())
        }
        _ => Err("it is no URL: give one such as `https://s3.eu-west-1.amazonaws.com`"),
    }
}
